"""Answer replay-operation: run an operation again under its ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stigg_actions import decimal_json
from stigg_actions.errors import NotFound, Refused
from stigg_actions.exactly_once.perform import perform
from stigg_actions.exactly_once.registry import load_write, may_be_resent
from stigg_actions.models.replay_operation import ReplayedOperation
from stigg_actions.operators.operation_view import view_of, what_to_do
from stigg_actions.storage.operation import Operation, Status

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.models.replay_operation import ReplayOperation


def replay(request: ReplayOperation, deps: Deps) -> ReplayedOperation:
    """Run an operation again as its caller would: under the same ids, so that it takes effect once.

    If a newer operation has changed the same subscription or customer, it is not run unless the request has ``force``.

    Raises:
        NotFound: the ledger has no such operation.
        Refused: a workflow that may have run, or a request that was removed or cannot be read.
        ActionError: the error of the operation itself.
    """
    operation = deps.ledger.newest(request.operation_key)
    if operation is None:
        raise NotFound(
            "OPERATION_NOT_FOUND",
            f"The ledger of the {deps.settings.environment} environment has no operation {request.operation_key}.",
        )
    if operation.status is Status.SUCCEEDED:
        return _replayed("alreadySucceeded", operation, decimal_json.dumps(operation.answer))
    if operation.forgotten_at is not None:
        raise Refused("REPLAY_REFUSED", "forget-customer removed its request. Send the request again from its source.")
    if not operation.settled and not may_be_resent(operation.kind):
        raise Refused("REPLAY_REFUSED", f"The workflow may have run. {what_to_do(operation)}")
    write = _again(operation, deps, force=request.force)
    answer = perform(write).body(deps.correlation_id)
    outcome = "superseded" if answer["outcome"] == "superseded" else "replayed"
    return _replayed(outcome, _carried_out(operation, write.key, deps), decimal_json.dumps(answer))


def _again(operation: Operation, deps: Deps, *, force: bool) -> Write[Any, Any]:
    """Return the write of an operation, as of its first run so that newer changes stay; with force, as of now."""
    try:
        write = load_write(operation, deps)
    except ValidationError:
        message = (
            "This version cannot read the stored request of the operation. Send the request from Salesforce again."
        )
        raise Refused("REPLAY_REFUSED", message) from None
    as_of = None if force else datetime.fromtimestamp(operation.made_at / 1000, UTC)
    write.request = write.request.model_copy(update={"as_of": as_of})
    return write


def _carried_out(operation: Operation, key: str, deps: Deps) -> Operation:
    """Return a replayed operation as stored now, under its key or the key that this version derives."""
    stored = (deps.ledger.newest(stored_key) for stored_key in (operation.operation_key, key))
    return next((latest for latest in stored if latest and latest.status is Status.SUCCEEDED), operation)


def _replayed(outcome: str, operation: Operation, answer_text: str) -> ReplayedOperation:
    return ReplayedOperation.model_validate(
        {"outcome": outcome, "operation": view_of(operation), "answer_text": answer_text}
    )
