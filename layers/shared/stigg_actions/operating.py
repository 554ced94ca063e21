"""Answering list-operations and replay-operation."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.advice import what_to_do
from stigg_actions.errors import NotFound, Problem, Refused, RequestInvalid
from stigg_actions.models.operations import OperationList, OperationView, ReplayedOperation
from stigg_actions.once import perform
from stigg_actions.operations import Operation, Status
from stigg_actions.shown import given
from stigg_actions.writes.kinds import can_be_found, restore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.operations import ListOperations, ReplayOperation
    from stigg_actions.operation_index import Found
    from stigg_actions.writes.base import Write

type Place = tuple[str, Mapping[str, Any] | None]
"""Where a list goes on: in which status, and after what."""

_ATTENTION = ("UNKNOWN", "STARTED", "FAILED")
MOST_PAGES = 20
"""Pages of the index that one answer looks through, most of which a customerId may leave out."""


def list_operations(request: ListOperations, deps: Deps) -> OperationList:
    """Return operations that need attention, or those of a record, newest first within each status."""
    place: Place | None = _where_to_go_on(request)
    views: list[OperationView] = []
    for _ in range(MOST_PAGES):
        if place is None or len(views) >= request.limit:
            break
        found = _find(request, place, request.limit - len(views), deps)
        views += _views(found, request, deps)
        place = _following(request, place, found)
    token = {"next_token": _token(place)} if place else {}
    return OperationList.model_validate({"outcome": "listed", "operations": views, **token})


def replay_operation(request: ReplayOperation, deps: Deps) -> ReplayedOperation:
    """Run an operation again as its caller would: under the same ids, so that nothing is doubled.

    Where something newer was done since, nothing is run unless the request says ``force``.

    Raises:
        NotFound: the ledger has no such operation.
        Refused: it is a workflow that may have run, or its request was forgotten.
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
    answer = perform(_again(operation, deps, force=request.force)).body(deps.correlation_id)
    after = deps.ledger.newest(request.operation_key) or operation
    outcome = "superseded" if answer["outcome"] == "superseded" else "replayed"
    return _replayed(outcome, after, decimal_json.dumps(answer))


def _again(operation: Operation, deps: Deps, *, force: bool) -> Write[Any, Any]:
    """Return the write of an operation, as new as it was then, so that it undoes nothing newer; by force, of now."""
    write = restore(operation, deps)
    as_of = None if force else datetime.fromtimestamp(operation.made_at / 1000, UTC)
    write.request = write.request.model_copy(update={"as_of": as_of})
    return write


def _replayed(outcome: str, operation: Operation, answer_text: str) -> ReplayedOperation:
    return ReplayedOperation.model_validate(
        {"outcome": outcome, "operation": _view(operation), "answer_text": answer_text}
    )


def _find(request: ListOperations, place: Place, most: int, deps: Deps) -> Found:
    status, start = place
    if request.salesforce_record_id is not None:
        return deps.operation_index.asked_for(request.salesforce_record_id, most=most, start=start)
    return deps.operation_index.with_attention(status, most=most, start=start)


def _views(found: Found, request: ListOperations, deps: Deps) -> Iterator[OperationView]:
    """Yield the operations as they stand by now: the index that found them lags a little."""
    wanted = request.status.upper() if request.status else None
    for reference in found.references:
        operation = deps.ledger.operation(reference.operation_key, reference.intent)
        if operation is None or request.customer_id not in {None, operation.customer_id}:
            continue
        if wanted in {None, str(operation.status)} and (request.salesforce_record_id or not _is_done(operation)):
            yield _view(operation)


def _is_done(operation: Operation) -> bool:
    return operation.status is Status.SUCCEEDED


def _where_to_go_on(request: ListOperations) -> Place:
    first = request.status.upper() if request.status else _ATTENTION[0]
    if request.next_token is None:
        return first, None
    try:
        status, start = json.loads(base64.urlsafe_b64decode(request.next_token))
    except (ValueError, TypeError):
        raise _no_token() from None
    if status not in _ATTENTION or not isinstance(start, dict | None):
        raise _no_token()
    return status, start


def _no_token() -> RequestInvalid:
    return RequestInvalid([Problem("nextToken", "is not one that list-operations gave; leave it out")])


def _following(request: ListOperations, place: Place, found: Found) -> Place | None:
    """Return where the list goes on: in the same status, or in the next one that needs attention."""
    status, _ = place
    if found.next_key is not None:
        return status, found.next_key
    one_list = request.status is not None or request.salesforce_record_id is not None
    if one_list or status == _ATTENTION[-1]:
        return None
    return _ATTENTION[_ATTENTION.index(status) + 1], None


def _token(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _view(operation: Operation) -> OperationView:
    error = operation.error or {}
    optional = {
        "salesforce_record_id": operation.request.get("salesforceRecordId") or operation.record_id,
        "customer_id": operation.customer_id,
        "subscription_id": operation.subscription_id,
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
