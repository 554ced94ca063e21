"""Which of two wishes is the newer one: the one that was made from the newer Salesforce state.

A request says by ``asOf`` how new the state is that it was made from. One that does not is as new as its call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid

if TYPE_CHECKING:
    from datetime import datetime

    from stigg_actions.models.base import ActionRequest
    from stigg_actions.storage.mapping import LatestOperation

CLOCKS_DIFFER_BY_SECONDS = 300
"""How far ahead Salesforce's clock may be."""


def check(request: ActionRequest, *, now: float) -> None:
    """Refuse an ``asOf`` that lies in the future: everything that follows would be superseded by this request.

    Raises:
        RequestInvalid: naming the field.
    """
    if request.as_of is not None and request.as_of.timestamp() > now + CLOCKS_DIFFER_BY_SECONDS:
        problem = "lies in the future; send when the record was last modified (LastModifiedDate), or leave it out"
        raise RequestInvalid([Problem("asOf", problem)])


def as_of(request: ActionRequest, *, now: float) -> int:
    """Return how new the state is that a request was made from, in milliseconds."""
    return int(1000 * (request.as_of.timestamp() if request.as_of else now))


def newer(request: ActionRequest, latest: LatestOperation | None) -> LatestOperation | None:
    """Return the operation that last settled a subject if it was made from a newer state than the request."""
    if request.as_of is None or latest is None:
        return None
    return latest if made_at(latest) > int(1000 * request.as_of.timestamp()) else None


def is_newer(state: datetime | None, latest: LatestOperation | None) -> bool:
    """Whether a state in Salesforce is newer than that of the last operation; False if one of them is not known."""
    return state is not None and latest is not None and int(1000 * state.timestamp()) > made_at(latest)


def made_at(latest: LatestOperation) -> int:
    """Return how new the state was that an operation was made from; of an older version, as new as its end."""
    return latest.finished_at * 1000 if latest.as_of is None else latest.as_of
