"""The ramp of a subscription: the segments that it was sold in, and the one that is in force.

It is stored as JSON text in the item of its subscription. Beside it, ``step_waits`` and ``step_at`` (seconds since the
epoch) put the item into the index ``ByStep`` as long as a later segment waits.
"""

from __future__ import annotations

from copy import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions import decimal_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.storage.mapping import SubscriptionState

WAITS = "WAITS"
"""The partition of the index ``ByStep``."""


class Segment(NamedTuple):
    """A segment: its start, the terms that it was sold with, and when they came into force (seconds since the epoch).

    ``terms`` are fields of a renewal. ``applied_at``: None while it waits, and for one that was passed over.
    """

    starts_at: int
    terms: Mapping[str, Any] = MappingProxyType({})
    applied_at: int | None = None


class Ramp(NamedTuple):
    """The segments of a subscription in their order; ``in_force`` is the position of the present one.

    ``ends_at`` (seconds): the end of the last one. ``sold_by``: the operation that sold it, with its intent. ``wish``:
    the digest of what an opportunity requested. ``is_over``: later segments do not take place. ``based_on``: the ramp
    that a request was made for, as ``mark`` returns it. A ramp without segments calls off the one that is stored.
    """

    segments: tuple[Segment, ...]
    ends_at: int | None = None
    in_force: int = 0
    sold_by: str = ""
    wish: str | None = None
    is_over: bool = False
    based_on: str | None = None

    @property
    def mark(self) -> str:
        """What identifies the state of the ramp: who sold it, and how far it is."""
        return f"{self.sold_by}/{self.in_force}/{self.is_over}"

    @property
    def waiting(self) -> tuple[Segment, ...]:
        """The segments that are to come."""
        return () if self.is_over else self.segments[self.in_force + 1 :]

    def due(self, now: float) -> int | None:
        """Return the position of the segment that should be in force by now, if it is not."""
        begun = [place for place, segment in enumerate(self.segments) if segment.starts_at <= now]
        return None if self.is_over or not begun or begun[-1] <= self.in_force else begun[-1]

    def applied(self, place: int, now: float) -> Ramp:
        """Return the ramp with another segment in force."""
        segments = list(self.segments)
        segments[place] = segments[place]._replace(applied_at=int(now))
        return replace(self, segments=tuple(segments), in_force=place)

    def called_off(self) -> Ramp:
        """Return the ramp as one whose later segments do not take place."""
        return replace(self, is_over=True, based_on=None)

    def canonical(self) -> dict[str, Any]:
        """Return what identifies a requested ramp, however far it is."""
        return {
            "segments": [{"startsAt": segment.starts_at, "terms": segment.terms} for segment in self.segments],
            "endsAt": self.ends_at,
        }

    def plain(self) -> dict[str, Any]:
        """Return the ramp as JSON fields."""
        return {**self._asdict(), "segments": [{**segment._asdict()} for segment in self.segments]}


def ramp_of(fields: Mapping[str, Any]) -> Ramp:
    """Read a ramp from its JSON fields."""
    return Ramp(**{**fields, "segments": tuple(Segment(**segment) for segment in fields["segments"])})


def step_key(subscription_id: str, sold_by: str, place: int) -> str:
    """Return the idempotency key of a step."""
    return f"{subscription_id}/{sold_by}/{place}"


def stored_ramp(state: SubscriptionState | None) -> Ramp | None:
    """Return the ramp of a subscription, or None if it has none."""
    return None if state is None or state.ramp is None else ramp_of(decimal_json.loads(state.ramp))


def with_ramp(state: SubscriptionState, ramp: Ramp | None) -> SubscriptionState:
    """Return a subscription with this ramp, or with none. The index finds it as long as a segment waits."""
    if ramp is None:
        return replace(state, ramp=None, step_waits=None, step_at=None)
    next_at = ramp.waiting[0].starts_at if ramp.waiting else None
    text, waits = decimal_json.dumps(ramp.plain()), None if next_at is None else WAITS
    return replace(state, ramp=text, step_waits=waits, step_at=next_at)


def without_ramp(state: SubscriptionState) -> SubscriptionState:
    """Return a subscription whose later segments do not take place."""
    ramp = stored_ramp(state)
    return state if ramp is None else with_ramp(state, ramp.called_off())
