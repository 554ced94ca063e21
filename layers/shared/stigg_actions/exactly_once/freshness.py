"""Decide which of two requests is newer: the one that was made from newer Salesforce data.

``asOf`` says when the Salesforce data of a request was last modified. Without it, the time of the call counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid

if TYPE_CHECKING:
    from datetime import datetime

    from stigg_actions.models.base import ActionRequest
    from stigg_actions.storage.mapping import LatestOperation

CLOCKS_DIFFER_BY_SECONDS = 300
"""How far the clock of Salesforce may be ahead."""


def check(request: ActionRequest, *, now: float) -> None:
    """Refuse an ``asOf`` that lies in the future, because the request would supersede every later one.

    Raises:
        RequestInvalid: ``asOf`` lies in the future.
    """
    if request.as_of is not None and request.as_of.timestamp() > now + CLOCKS_DIFFER_BY_SECONDS:
        problem = "lies in the future; send LastModifiedDate of the record, or leave the field out"
        raise RequestInvalid([Problem("asOf", problem)])


def as_of(request: ActionRequest, *, now: float) -> int:
    """Return when the Salesforce data of a request was last modified, in milliseconds."""
    return int(1000 * (request.as_of.timestamp() if request.as_of else now))


def newer(request: ActionRequest, latest: LatestOperation | None) -> LatestOperation | None:
    """Return the operation that last settled a subject, if it was made from newer data than the request."""
    if request.as_of is None or latest is None:
        return None
    return latest if made_at(latest) > int(1000 * request.as_of.timestamp()) else None


def is_newer(state: datetime | None, latest: LatestOperation | None) -> bool:
    """Whether Salesforce data is newer than that of the last operation; False if one of them is unknown."""
    return state is not None and latest is not None and int(1000 * state.timestamp()) > made_at(latest)


def made_at(latest: LatestOperation) -> int:
    """Return when the data of an operation was last modified; when it finished, in items of older versions."""
    return latest.finished_at * 1000 if latest.as_of is None else latest.as_of
