"""Query strings: cursors, limits and the filters that Stigg's lists share."""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Protocol

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.errors import Refusal, bad_input

LIMIT = 20
MOST = 100


class Named(Protocol):
    """A thing with an id."""

    @property
    def id(self) -> str:
        """Its id."""
        ...


def page[Thing: Named](things: list[Thing], query: dict[str, str], show: Callable[[Thing], Json]) -> Json:
    """Cut one page out of a list: `{"data": [...], "pagination": {"next", "prev"}}`.

    Cursors are opaque. `next` goes into `after`, `prev` into `before`; null means that there is no more.
    """
    cursors = [_cursor(thing.id) for thing in things]
    limit = _limit(query)
    first = _position(cursors, query["after"]) + 1 if "after" in query else 0
    last = min(first + limit, len(things))
    if "before" in query:
        last = _position(cursors, query["before"])
        first = max(last - limit, 0)
    following = cursors[last - 1] if 0 < last < len(things) else None
    preceding = cursors[first] if 0 < first < len(things) else None
    shown = [show(thing) for thing in things[first:last]]
    return {"data": shown, "pagination": {"next": following, "prev": preceding}}


def choices(query: dict[str, str], name: str, allowed: frozenset[str]) -> set[str]:
    """Read a comma-joined list of words; an unknown word is refused, an absent list is empty."""
    words = set(filter(None, query.get(name, "").split(",")))
    if words - allowed:
        raise bad_input(f"each value in {name} must be one of the following values: {', '.join(sorted(allowed))}")
    return words


def moments(query: dict[str, str], *names: str) -> list[datetime | None]:
    """Read date-times from a query; an absent one is None."""
    for name in names:
        if name in query and not clock.is_moment(query[name]):
            raise bad_input(f"{name} must be an ISO 8601 date-time")
    return [clock.read_optional(query.get(name)) for name in names]


def created_filter(query: dict[str, str]) -> Callable[[datetime], bool]:
    """Read the filters `createdAt[gt]`, `[gte]`, `[lt]`, `[lte]` into a test of when something was made."""
    after, since, before, until = moments(query, *(f"createdAt[{name}]" for name in ("gt", "gte", "lt", "lte")))
    if (after, since, before, until) == (None, None, None, None):
        return lambda _: True

    def passes(moment: datetime) -> bool:
        # Answers show milliseconds, so filters must compare what callers have seen.
        seen = clock.read(clock.write(moment))
        late_enough = (after is None or seen > after) and (since is None or seen >= since)
        return late_enough and (before is None or seen < before) and (until is None or seen <= until)

    return passes


def _limit(query: dict[str, str]) -> int:
    text = query.get("limit", str(LIMIT))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise bad_input(f"limit must be an integer between 1 and {MOST}")
    return int(text)


@cache
def _cursor(identity: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, identity))


def _position(cursors: list[str], cursor: str) -> int:
    if cursor not in cursors:
        raise Refusal("InvalidArgumentError", f"Invalid cursor: {cursor}")
    return cursors.index(cursor)
