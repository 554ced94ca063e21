"""The command that adopts the subscriptions of a file."""

from typing import Annotated

import typer

from console.commands.file_options import (
    CheckOnlyOption,
    FileArgument,
    IgnoreOption,
    MapOption,
    OrgOption,
    PageSizeOption,
    ResultsOption,
    RunOption,
)
from console.commands.send_file import send_file
from console.errors import ExitCode
from console.files.columns import Choices
from console.files.rows import CsvFile
from console.known_columns import known_columns
from console.page_sender import PAGE_LIMITS
from console.session import Session, command, pairs
from console.submission import RunOptions


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "adopt")(adopt)


def adopt(
    session: Session,
    file: FileArgument,
    *,
    mapping: MapOption = None,
    ignore: IgnoreOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would be adopted, row by row, and change nothing.")
    ] = False,
    replace_mapping: Annotated[
        bool, typer.Option("--replace-mapping", help="Give a record this subscription even if it has another one.")
    ] = False,
    results: ResultsOption = None,
    run: RunOption = "",
    org: OrgOption = None,
    page_size: PageSizeOption = PAGE_LIMITS.rows,
    check_only: CheckOnlyOption = False,
) -> ExitCode:
    """Give Salesforce records the Stigg subscriptions that were sold elsewhere, such as in the Stigg app.

    Columns: fields of adopt-subscription, or Id, AccountId and Stigg_Subscription_ID__c. Use --dry-run first.

    Example: stigg-actions adopt subscriptions.csv --dry-run --env production
    """
    known = known_columns("adopt-subscription", CsvFile(file).header)
    asked = {"dryRun": "true"} if dry_run else {}
    asked |= {"replaceMapping": "true"} if replace_mapping else {}
    choices = Choices({**known, **pairs(mapping, "--map")}, ignore or (), asked)
    options = RunOptions(run, page_size, results, check_only)
    return send_file(session, file, "adopt-subscription", choices, options, org=org)
