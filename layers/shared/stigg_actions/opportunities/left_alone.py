"""A line that is left unchanged: it is as requested already, or a newer change came after it."""

from __future__ import annotations

from copy import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.clock import iso
from stigg_actions.exactly_once.registry import KINDS

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import HistoryEntry, LatestOperation, RecordState

_STEP = "step-"
REAPPLY = "Send reapply true to apply the line anyway."


class Since(NamedTuple):
    """A change after a deal was applied: what it was, and its time (milliseconds) and operation if known."""

    what: str
    at: int | None = None
    operation_key: str | None = None

    def is_newer_than(self, as_of: datetime | None) -> bool:
        """Whether the change is newer than the state of a deal. True if either time is unknown."""
        return as_of is None or self.at is None or self.at >= milliseconds(as_of)

    @property
    def moment(self) -> str | None:
        """The time of the change in ISO, if known."""
        return None if self.at is None else iso(self.at / 1000)


class LeftAlone(NamedTuple):
    """A line that was left unchanged, with its subscription as Stigg shows it."""

    message: str | None = None
    found: Subscription | None = None
    since: Since | None = None

    @property
    def outcome(self) -> str:
        """``superseded`` after a newer change, else ``unchanged``."""
        return "unchanged" if self.since is None else "superseded"

    def with_note(self, note: str) -> LeftAlone:
        """Return the line with a note before its message."""
        return replace(self, message=f"{note} {self.message or ''}".strip())


def superseded(since: Since, subscription: Subscription | None, remedy: str = REAPPLY) -> LeftAlone:
    """Return a line that was left unchanged because of a newer change."""
    now = f" Subscription {subscription.id} is {subscription.status} now." if subscription else ""
    when = f" ({since.moment})" if since.moment else ""
    return LeftAlone(f"Left unchanged: {since.what}{when}.{now} {remedy}", subscription, since)


def milliseconds(moment: datetime) -> int:
    """Return a time in milliseconds, the unit in which ``asOf`` is compared."""
    return int(1000 * moment.timestamp())


def by_operation(operation_key: str | None, made_at: int | None) -> Since:
    """Return the change that a later operation made, with the time of the state that it was made from."""
    kind = KINDS.get(str(operation_key).partition("-")[0])
    what = f"{kind.action} ran" if kind else "the subscription was changed in the Stigg app"
    return Since(f"{what} after this deal was last applied", made_at, operation_key)


def is_of_another(latest: LatestOperation, wish: str) -> bool:
    """Whether another request, and not a change in the Stigg app, made a record's latest operation.

    A step of a ramp is no request: it applies what was sold.
    """
    return latest.wish != wish and latest.intent > 0 and not latest.operation_key.startswith(_STEP)


def by_history(record: RecordState, deps: Deps) -> Since:
    """Return the last change of a record that no longer has a subscription."""
    history = deps.records.read(record.org_id, record.record_id).history
    return _since(history[-1]) if history else Since("its subscription is gone")


def _since(entry: HistoryEntry) -> Since:
    at = milliseconds(datetime.fromisoformat(entry.at))
    if entry.replaced_by_subscription_id is None:
        return Since(f"its subscription {entry.subscription_id} is gone", at, entry.operation_key)
    owner = f" of record {entry.other_record_id}" if entry.other_record_id else ""
    new, old = entry.replaced_by_subscription_id, entry.subscription_id
    return Since(f"subscription {new}{owner} replaced its subscription {old}", at, entry.operation_key)
