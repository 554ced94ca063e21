"""The command that imports the customers and subscriptions of a file that exist in billing but not in Stigg."""

from typing import Annotated

import typer

from console.commands.file_options import (
    CheckOnlyOption,
    FileArgument,
    IdColumnOption,
    IgnoreOption,
    MapOption,
    OrgOption,
    PageSizeOption,
    ResultsOption,
    RunOption,
    SetOption,
)
from console.commands.send_file import send_file
from console.errors import ExitCode
from console.files.columns import Choices
from console.files.rows import CsvFile
from console.known_columns import known_columns
from console.page_sender import PAGE_LIMITS
from console.session import Session, command, pairs
from console.submission import RunOptions

CustomersOption = Annotated[
    bool, typer.Option("--customers", help="The file has customers without subscriptions, one in each row.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Report what would be imported, row by row, and change nothing.")
]


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "import")(import_file)


def import_file(
    session: Session,
    file: FileArgument,
    *,
    customers: CustomersOption = False,
    mapping: MapOption = None,
    constant: SetOption = None,
    ignore: IgnoreOption = None,
    id_column: IdColumnOption = None,
    dry_run: DryRunOption = False,
    results: ResultsOption = None,
    run: RunOption = "",
    org: OrgOption = None,
    page_size: PageSizeOption = PAGE_LIMITS.rows,
    check_only: CheckOnlyOption = False,
) -> ExitCode:
    """Import subscriptions that exist in billing but not in Stigg, each after its customer.

    What Stigg has already is never changed. Columns: fields of import-subscription, or with --customers of
    import-customer; Id and AccountId of Salesforce are known. A row whose fields name the customer (customerName, ...)
    imports it first. Use --dry-run first.

    Example: stigg-actions import billing.csv --dry-run --env production
    """
    action = "import-customer" if customers else "import-subscription"
    known = known_columns(action, CsvFile(file).header)
    asked = {**pairs(constant, "--set"), **({"dryRun": "true"} if dry_run else {})}
    choices = Choices({**known, **pairs(mapping, "--map")}, ignore or (), asked, id_column)
    return send_file(session, file, action, choices, RunOptions(run, page_size, results, check_only), org=org)
