"""A line to which nothing is done: it is as asked already, or something newer has changed what it became."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.operations import iso

if TYPE_CHECKING:
    from datetime import datetime

    from stigg_actions.deps import Deps
    from stigg_actions.mappings import HistoryEntry, LatestOperation, RecordState
    from stigg_actions.stigg.wire import Subscription

REAPPLY = "reapply: true applies the line all the same."

_ACTIONS = {
    "cancel": "cancel-subscription",
    "downgrade": "downgrade-subscription",
    "metadata": "set-subscription-metadata",
    "provision": "create-subscription",
    "renew": "renew-subscription",
    "reschedule": "reschedule-cancellation",
    "update": "update-subscription",
}


class Since(NamedTuple):
    """What came after a deal was applied: what happened, when (ISO) and by which operation, where that is known."""

    what: str
    at: str | None = None
    operation_key: str | None = None

    def is_newer_than(self, as_of: datetime | None) -> bool:
        """Whether it came after the state that a deal was made from; if nothing tells, it did."""
        return as_of is None or self.at is None or self.at >= iso(as_of.timestamp())


class LeftAlone(NamedTuple):
    """A line to which nothing was done, with its subscription as it is in Stigg."""

    message: str | None = None
    found: Subscription | None = None
    since: Since | None = None

    @property
    def outcome(self) -> str:
        """``superseded`` if something came since, else ``unchanged``."""
        return "unchanged" if self.since is None else "superseded"

    def with_note(self, note: str) -> LeftAlone:
        """Return it with what there is to say first."""
        return replace(self, message=f"{note} {self.message or ''}".strip())


def superseded(since: Since, found: Subscription | None, remedy: str = REAPPLY) -> LeftAlone:
    """Return a line that was left as it is because of what came since."""
    now = f" Subscription {found.id} is {found.status} now." if found else ""
    when = f" ({since.at})" if since.at else ""
    return LeftAlone(f"Left as it is: {since.what}{when}.{now} {remedy}", found, since)


def made_at(latest: LatestOperation) -> str:
    """Return how new the state was that an operation was made from (ISO)."""
    return latest.as_of or iso(latest.finished_at)


def by_operation(latest: LatestOperation) -> Since:
    """Return what an operation that came since has done."""
    action = _ACTIONS.get(latest.operation_key.partition("-")[0], "an operation")
    return Since(f"{action} came after this deal was last applied", made_at(latest), latest.operation_key)


def by_history(record: RecordState, deps: Deps) -> Since:
    """Return what last happened to a record that has no subscription any more."""
    history = deps.records.read(record.org_id, record.record_id).history
    return _told(history[-1]) if history else Since("its subscription is gone")


def _told(entry: HistoryEntry) -> Since:
    if entry.replaced_by_subscription_id is None:
        return Since(f"its subscription {entry.subscription_id} is gone", entry.at, entry.operation_key)
    owner = f" of record {entry.other_record_id}" if entry.other_record_id else ""
    told = f"{entry.replaced_by_subscription_id}{owner} took the place of its subscription {entry.subscription_id}"
    return Since(told, entry.at, entry.operation_key)
