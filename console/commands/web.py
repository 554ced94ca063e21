"""The command that opens the web console."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from console.errors import BadInputError, ExitCode
from console.session import Session, command
from console.web.links import Links, checked_base

FolderOption = Annotated[
    Path | None, typer.Option(help="Folder for files that are given to the console, and their results.")
]


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "console")(console)


def console(
    session: Session,
    *,
    write: Annotated[bool, typer.Option("--write", help="Let the pages replay, rebuild and send files.")] = False,
    page_port: Annotated[int, typer.Option(help="Port of the pages; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the pages in the browser.")] = True,
    salesforce_url: Annotated[
        str | None, typer.Option(help="Address of the Salesforce organization, for links to its records.")
    ] = None,
    folder: FolderOption = None,
) -> ExitCode:
    """Open pages for operators in the browser, on this machine only, until Ctrl-C.

    They show what needs attention, operations, records, customers and batches. Without --write they change nothing.

    Example: stigg-actions console --env production
    """
    salesforce = checked_base(salesforce_url)
    try:
        server = import_module("console.web.server")
    except ModuleNotFoundError as error:
        raise BadInputError(f"{error.name} is not installed. Start the console by scripts/stigg-actions.") from None
    choices = server.Choices(write, page_port, browser, folder)
    links = Links(salesforce, _dashboard(session))
    server.serve(session.stack, links, choices, lambda link: session.output.notice(f"Open {link}\nCtrl-C stops it."))
    return ExitCode.DONE


def _dashboard(session: Session) -> str:
    """Return the address of the stack's dashboard in CloudWatch; an empty text for a local stack, which has none."""
    if session.target.local:
        return ""
    region = session.stack.client("lambda").meta.region_name
    page = f"cloudwatch/home?region={region}#dashboards/dashboard/{session.stack.name}-{region}"
    return f"https://{region}.console.aws.amazon.com/{page}"
