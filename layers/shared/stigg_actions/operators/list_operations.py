"""Answer list-operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.models.list_operations import OperationList, OperationView
from stigg_actions.operators import list_tokens
from stigg_actions.operators.list_tokens import ATTENTION
from stigg_actions.operators.operation_view import view_of
from stigg_actions.storage.operation import Operation, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.models.list_operations import ListOperations
    from stigg_actions.operators.list_tokens import Place
    from stigg_actions.storage.operation_index import Found


MOST_PAGES = 20
"""The most pages of the index that one call reads. A filter by customerId may leave most of them empty."""


def matching_operations(request: ListOperations, deps: Deps) -> OperationList:
    """Return operations that need attention, or those of a record, a call or a key, newest first in each status."""
    place: Place | None = _start(request, deps)
    views: list[OperationView] = []
    for _ in range(MOST_PAGES):
        if place is None or len(views) >= request.limit:
            break
        page = _find(request, place, request.limit - len(views), deps)
        views += _views(page, request, deps)
        place = _following(request, place, page)
    token = {"next_token": list_tokens.token(place, request, deps.settings)} if place else {}
    return OperationList.model_validate({"outcome": "listed", "operations": views, **token})


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


def _views(page: Found, request: ListOperations, deps: Deps) -> Iterator[OperationView]:
    """Yield the operations as the ledger has them, because the index lags a little."""
    for reference in page.references:
        operation = deps.ledger.operation(reference.operation_key, reference.intent)
        if operation is not None and _matches(operation, request):
            yield view_of(operation, with_request=request.operation_key is not None)


def _matches(operation: Operation, request: ListOperations) -> bool:
    """Whether an operation passes all filters. Successful ones are listed only by record, call or key."""
    status = request.status.upper() if request.status else None
    return (
        operation.concerns(request.customer_id)
        and request.operation_key in {None, operation.operation_key}
        and request.salesforce_record_id in {None, operation.request.get("salesforceRecordId")}
        and status in {None, str(operation.status)}
        and (_is_one_list(request) or operation.status is not Status.SUCCEEDED)
    )


def _is_one_list(request: ListOperations) -> bool:
    """Whether one list has all requested operations, whatever their status."""
    return any((request.operation_key, request.of_correlation_id, request.salesforce_record_id))


def _start(request: ListOperations, deps: Deps) -> Place:
    if request.next_token is not None:
        return list_tokens.place(request.next_token, request, deps.settings)
    return request.status.upper() if request.status else ATTENTION[0], None


def _following(request: ListOperations, place: Place, page: Found) -> Place | None:
    """Return where the list continues: in the same status, or in the next one that needs attention."""
    status, _ = place
    if page.last is not None:
        return status, page.last
    if request.status is not None or _is_one_list(request) or status == ATTENTION[-1]:
        return None
    return ATTENTION[ATTENTION.index(status) + 1], None
