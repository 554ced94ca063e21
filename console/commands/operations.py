"""The commands for operations in the ledger."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from console.errors import ExitCode, RefusedError
from console.operation_lists import listed
from console.session import Session, command
from stigg_actions.models.list_operations import LONGEST_LIST

app = typer.Typer(help="Find operations, and replay those that did not succeed.", no_args_is_help=True)

_COLUMNS = ("operationKey", "kind", "status", "salesforceRecordId", "errorCode", "startedAt")
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="operationKey, as operations list shows it.")]


class Status(StrEnum):
    """The statuses that need attention."""

    FAILED = "failed"
    UNKNOWN = "unknown"
    STARTED = "started"


@command(app, "list")
def list_operations(
    session: Session,
    *,
    status: Annotated[Status | None, typer.Option(help="Only operations with this status.")] = None,
    record: Annotated[str | None, typer.Option(help="Only operations for this Salesforce record.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only operations of this Stigg customer.")] = None,
    call: Annotated[str | None, typer.Option(help="Only operations that the call with this correlationId ran.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most operations to list.")] = 100,
) -> ExitCode:
    """List operations that failed, are unknown or have not ended; with --record or --call, those that succeeded too.

    Example: stigg-actions operations list --status failed --env production
    """
    filters = {"status": status, "salesforceRecordId": record, "customerId": customer, "ofCorrelationId": call}
    operations = _listed(session, {name: str(value) for name, value in filters.items() if value is not None}, limit)
    session.output.document({"success": True, "operations": operations})
    if operations:
        session.output.table("", _COLUMNS, operations)
    else:
        session.output.line("There are no such operations.")
    return ExitCode.DONE


@command(app, "show")
def show(session: Session, key: KeyArgument) -> ExitCode:
    """Show an operation, and what to do about it.

    Example: stigg-actions operations show provision-0123... --env production
    """
    operations = _listed(session, {"operationKey": key}, LONGEST_LIST)
    if not operations:
        raise RefusedError(f"There is no operation with the key {key}.")
    session.output.document({"success": True, "operations": operations})
    for operation in operations:
        session.output.fields(operation)
    return ExitCode.DONE


@command(app, "replay")
def replay(
    session: Session,
    key: KeyArgument,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replay it even if it may undo a newer change.")] = False,
) -> ExitCode:
    """Run an operation again that failed or is unknown. It finds its effect, or causes it once.

    Example: stigg-actions operations replay provision-0123... --env production
    """
    replayed = session.stack.call("replay-operation", {"operationKey": key, "force": force})
    session.output.document(replayed)
    session.output.fields({"outcome": replayed["outcome"], **replayed["operation"]})
    settled = replayed["operation"]["status"] == "SUCCEEDED"
    return ExitCode.DONE if settled else ExitCode.SOME_FAILED


def _listed(session: Session, filters: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    operations, _ = listed(session.stack.call, filters, limit)
    return operations
