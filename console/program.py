"""The program with all its commands."""

import typer

from console.commands import adopt, batch, check, import_file, mapping, operations, reconcile, salesforce, secret, web

app = typer.Typer(
    help="Operate the Stigg actions of a deployed stack, or of the local one.",
    epilog="Exit codes: 0 all done; 1 something failed; 2 wrong options or a bad file; 3 the stack cannot be reached.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
adopt.add_to(app)
import_file.add_to(app)
app.add_typer(batch.app, name="batch")
app.add_typer(operations.app, name="operations")
app.add_typer(mapping.app, name="mapping")
reconcile.add_to(app)
check.add_to(app)
web.add_to(app)
app.add_typer(secret.app, name="secret")
app.add_typer(salesforce.app, name="salesforce")
