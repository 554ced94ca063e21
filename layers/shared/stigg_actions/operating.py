"""Answering list-operations and replay-operation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stigg_actions import decimal_json, list_tokens
from stigg_actions.advice import what_to_do
from stigg_actions.errors import NotFound, Refused
from stigg_actions.list_tokens import ATTENTION
from stigg_actions.models.operations import OperationList, OperationView, ReplayedOperation
from stigg_actions.once import perform
from stigg_actions.operations import Operation, Status
from stigg_actions.shown import given
from stigg_actions.writes.kinds import can_be_found, restore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.list_tokens import Place
    from stigg_actions.models.operations import ListOperations, ReplayOperation
    from stigg_actions.operation_index import Found
    from stigg_actions.writes.base import Write

MOST_PAGES = 20
"""Pages of the index that one answer looks through, most of which a customerId may leave out."""


def list_operations(request: ListOperations, deps: Deps) -> OperationList:
    """Return operations that need attention, or those of a record, a call or a key, newest first in each status."""
    place: Place | None = _where_to_go_on(request, deps)
    views: list[OperationView] = []
    for _ in range(MOST_PAGES):
        if place is None or len(views) >= request.limit:
            break
        found = _find(request, place, request.limit - len(views), deps)
        views += _views(found, request, deps)
        place = _following(request, place, found)
    token = {"next_token": list_tokens.token(place, request, deps.settings)} if place else {}
    return OperationList.model_validate({"outcome": "listed", "operations": views, **token})


def replay_operation(request: ReplayOperation, deps: Deps) -> ReplayedOperation:
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
        write = restore(operation, deps)
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
        {"outcome": outcome, "operation": _view(operation), "answer_text": answer_text}
    )


def _find(request: ListOperations, place: Place, most: int, deps: Deps) -> Found:
    status, after = place
    index = deps.operation_index
    if request.of_correlation_id is not None:
        return index.of_call(request.of_correlation_id, most=most, after=after)
    if request.operation_key is not None:
        return index.intents(request.operation_key, most=most, after=after)
    if request.salesforce_record_id is not None:
        return index.asked_for(request.salesforce_record_id, most=most, after=after)
    return index.with_attention(status, most=most, after=after)


def _views(found: Found, request: ListOperations, deps: Deps) -> Iterator[OperationView]:
    """Yield the operations as they stand by now: the index that found them lags a little."""
    for reference in found.references:
        operation = deps.ledger.operation(reference.operation_key, reference.intent)
        if operation is not None and _is_wanted(operation, request):
            yield _view(operation)


def _is_wanted(operation: Operation, request: ListOperations) -> bool:
    """Whether an operation passes the filters that did not find it; what succeeded is listed by its own ids alone."""
    status = request.status.upper() if request.status else None
    return (
        request.customer_id in {None, operation.customer_id}
        and request.operation_key in {None, operation.operation_key}
        and request.salesforce_record_id in {None, operation.request.get("salesforceRecordId")}
        and status in {None, str(operation.status)}
        and (_is_one_list(request) or operation.status is not Status.SUCCEEDED)
    )


def _is_one_list(request: ListOperations) -> bool:
    """Whether all operations that are asked for are found in one list, whatever became of them."""
    return any((request.operation_key, request.of_correlation_id, request.salesforce_record_id))


def _where_to_go_on(request: ListOperations, deps: Deps) -> Place:
    if request.next_token is not None:
        return list_tokens.place(request.next_token, request, deps.settings)
    return request.status.upper() if request.status else ATTENTION[0], None


def _following(request: ListOperations, place: Place, found: Found) -> Place | None:
    """Return where the list goes on: in the same status, or in the next one that needs attention."""
    status, _ = place
    if found.last is not None:
        return status, found.last
    if request.status is not None or _is_one_list(request) or status == ATTENTION[-1]:
        return None
    return ATTENTION[ATTENTION.index(status) + 1], None


def _view(operation: Operation) -> OperationView:
    error = operation.error or {}
    optional = {
        "salesforce_record_id": operation.request.get("salesforceRecordId") or operation.record_id,
        "customer_id": operation.customer_id,
        "subscription_id": operation.subscription_id,
        "latest_correlation_id": operation.latest_correlation_id,
        "finished_at": _moment(operation.finished_at),
        "error_code": error.get("errorCode"),
        "error_message": error.get("errorMessage"),
    }
    return OperationView.model_validate(
        {
            "operation_key": operation.operation_key,
            "intent": operation.intent,
            "attempt": operation.attempt,
            "kind": operation.kind,
            "status": str(operation.status),
            "salesforce_org_id": operation.org_id,
            "correlation_id": operation.correlation_id,
            "started_at": _moment(operation.started_at),
            "what_to_do": what_to_do(operation, can_be_found=can_be_found(operation.kind)),
            **given(optional),
        }
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
