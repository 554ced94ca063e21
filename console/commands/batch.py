"""The commands for files and batches of requests."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

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
from console.commands.send_file import in_org, send_file
from console.errors import ExitCode
from console.files.columns import Choices
from console.page_sender import PAGE_LIMITS, follow_batch, results_of
from console.session import Session, command, pairs
from console.submission import RunOptions

app = typer.Typer(help="Send a file of requests, and follow a batch.", no_args_is_help=True)

MOST_SHOWN = 20
"""Failed requests that are listed."""


@command(app, "submit")
def submit(
    session: Session,
    file: FileArgument,
    *,
    action: Annotated[str, typer.Option(help="Action of every row, such as create-subscription.")],
    mapping: MapOption = None,
    constant: SetOption = None,
    ignore: IgnoreOption = None,
    id_column: IdColumnOption = None,
    results: ResultsOption = None,
    run: RunOption = "",
    org: OrgOption = None,
    page_size: PageSizeOption = PAGE_LIMITS.rows,
    check_only: CheckOnlyOption = False,
) -> ExitCode:
    """Send every row of a CSV file to an action, and write the results as a CSV file for Salesforce Data Loader.

    The whole file is checked first; if a cell is bad, no row is sent. To continue a run that was stopped, run the same
    command again: no row takes effect twice.

    Example: stigg-actions batch submit lines.csv --action create-subscription --map Id=salesforceRecordId --env staging
    """
    choices = Choices(pairs(mapping, "--map"), ignore or (), pairs(constant, "--set"), id_column)
    return send_file(session, file, action, choices, RunOptions(run, page_size, results, check_only), org=org)


@command(app, "watch")
def watch(
    session: Session,
    batch_id: Annotated[str, typer.Argument(metavar="ID", help="batchId of submit-batch.")],
    *,
    org: OrgOption = None,
) -> ExitCode:
    """Show the progress of a batch until it is completed, and the requests that failed.

    Example: stigg-actions batch watch batch-0123...-1 --env production
    """
    of_org = in_org(org)
    batch = session.stack.call("get-batch", {"batchId": batch_id, **of_org})
    with session.output.progress() as progress:
        progress.start("Running", batch["total"])
        batch = follow_batch(session.stack, batch, of_org, lambda seen: progress.reach(seen["done"]))
    results = list(results_of(session.stack, batch, of_org))
    session.output.document({**batch, "results": results})
    session.output.line(f"{batch['succeeded']} of {batch['total']} requests succeeded, {batch['failed']} failed.")
    _show_failed(session, [result for result in results if not result["success"]])
    return ExitCode.SOME_FAILED if batch["failed"] else ExitCode.DONE


def _show_failed(session: Session, failed: Sequence[Mapping[str, Any]]) -> None:
    columns = ("index", "salesforceRecordId", "errorCode", "errorMessage")
    session.output.table("", columns, failed[:MOST_SHOWN])
    if len(failed) > MOST_SHOWN:
        session.output.line(f"These are the first {MOST_SHOWN} of {len(failed)}. --json prints all.")
