"""The command that compares mappings with Stigg."""

from typing import Annotated, Any

import typer

from console.errors import ExitCode
from console.session import Session, command

MOST_RUNS = 100
"""A round of the largest account takes fewer runs of four minutes."""


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "reconcile")(reconcile)


def reconcile(
    session: Session,
    *,
    customer: Annotated[str | None, typer.Option(help="Compare only the subscriptions of this Stigg customer.")] = None,
    minimum_age: Annotated[
        int, typer.Option(min=0, help="Skip operations that started less than this many seconds ago.")
    ] = 90,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would be done, and write nothing.")] = False,
    until_complete: Annotated[
        bool, typer.Option("--until-complete", help="Run again until all subscriptions have been compared.")
    ] = False,
) -> ExitCode:
    """Settle operations of unknown outcome, and correct mappings that differ from Stigg.

    A run takes up to four minutes.

    Example: stigg-actions reconcile --customer cust-acme --dry-run --env production
    """
    request = {"minimumAgeSeconds": minimum_age, "dryRun": dry_run, **({"customerId": customer} if customer else {})}
    for _ in range(MOST_RUNS):
        reconciled = session.stack.call("reconcile", request)
        if reconciled["complete"] or not until_complete or "stoppedBy" in reconciled:
            break
        session.output.notice(f"{reconciled['subscriptionsCompared']} subscriptions compared. The round goes on.")
    return show_reconciled(session, reconciled)


def show_reconciled(session: Session, reconciled: dict[str, Any]) -> ExitCode:
    """Print what a run found, and say whether something needs attention."""
    session.output.document(reconciled)
    session.output.fields(reconciled)
    session.output.table("Operations", ("operationKey", "kind", "result"), reconciled["settled"])
    columns = ("subscriptionId", "customerId", "salesforceRecordId", "problem", "mended", "errorCode")
    session.output.table("Mappings", columns, reconciled["mended"])
    attention = [
        mapping for mapping in reconciled["mended"] if mapping["problem"] == "conflict" or "errorCode" in mapping
    ]
    unsettled = [operation for operation in reconciled["settled"] if operation["result"] == "unsettled"]
    needs = attention or unsettled or reconciled["subscriptionsUnreadable"] or "stoppedBy" in reconciled
    return ExitCode.SOME_FAILED if needs else ExitCode.DONE
