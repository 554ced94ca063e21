"""Answering replay-operation: run an operation again, under the ids that it had."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stigg_actions import decimal_json
from stigg_actions.errors import NotFound, Refused
from stigg_actions.exactly_once.perform import perform
from stigg_actions.exactly_once.registry import can_be_found, load_write
from stigg_actions.models.replay_operation import ReplayedOperation
from stigg_actions.operators.operation_view import view_of, what_to_do
from stigg_actions.storage.operation import Operation, Status

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.models.replay_operation import ReplayOperation


def replay(request: ReplayOperation, deps: Deps) -> ReplayedOperation:
    """Run an operation again as its caller would: under the same ids, so that nothing is doubled.

    Where something newer was done since, nothing is run unless the request says ``force``.

    Raises:
        NotFound: the ledger has no such operation.
        Refused: it is a workflow that may have run, or its request was forgotten or cannot be read.
        ActionError: what the operation itself fails with.
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
        raise Refused("REPLAY_REFUSED", "Its request was removed by forget-customer; its caller can send it again.")
    if not operation.settled and not can_be_found(operation.kind):
        raise Refused("REPLAY_REFUSED", f"The workflow may have run. {what_to_do(operation, can_be_found=False)}")
    write = _again(operation, deps, force=request.force)
    answer = perform(write).body(deps.correlation_id)
    outcome = "superseded" if answer["outcome"] == "superseded" else "replayed"
    return _replayed(outcome, _carried_out(operation, write.key, deps), decimal_json.dumps(answer))


def _again(operation: Operation, deps: Deps, *, force: bool) -> Write[Any, Any]:
    """Return the write of an operation, as new as it was then, so that it undoes nothing newer; by force, of now."""
    try:
        write = load_write(operation, deps)
    except ValidationError:
        told = (
            "This version does not read the request that was stored with the operation. Send it from Salesforce again."
        )
        raise Refused("REPLAY_REFUSED", told) from None
    as_of = None if force else datetime.fromtimestamp(operation.made_at / 1000, UTC)
    write.request = write.request.model_copy(update={"as_of": as_of})
    return write


def _carried_out(operation: Operation, key: str, deps: Deps) -> Operation:
    """Return an operation that was replayed as it stands, under its key or the one that this version derives."""
    stand = (deps.ledger.newest(one) for one in (operation.operation_key, key))
    return next((one for one in stand if one and one.status is Status.SUCCEEDED), operation)


def _replayed(outcome: str, operation: Operation, answer_text: str) -> ReplayedOperation:
    return ReplayedOperation.model_validate(
        {"outcome": outcome, "operation": view_of(operation), "answer_text": answer_text}
    )
