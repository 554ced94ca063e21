"""A line to which nothing is done: it is as asked already, or something newer has changed what it became."""

from __future__ import annotations

from copy import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.clock import iso
from stigg_actions.exactly_once.registry import KINDS

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import HistoryEntry, RecordState

REAPPLY = "reapply: true applies the line all the same."


class Since(NamedTuple):
    """What came after a deal was applied: what happened, when (milliseconds) and by which operation, where known."""

    what: str
    at: int | None = None
    operation_key: str | None = None

    def is_newer_than(self, as_of: datetime | None) -> bool:
        """Whether it came after the state that a deal was made from; if nothing tells, it did."""
        return as_of is None or self.at is None or self.at >= milliseconds(as_of)

    @property
    def moment(self) -> str | None:
        """When it came (ISO)."""
        return None if self.at is None else iso(self.at / 1000)


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
    when = f" ({since.moment})" if since.moment else ""
    return LeftAlone(f"Left as it is: {since.what}{when}.{now} {remedy}", found, since)


def milliseconds(moment: datetime) -> int:
    """Return a moment as ``asOf`` is compared."""
    return int(1000 * moment.timestamp())


def by_operation(operation_key: str | None, made_at: int | None) -> Since:
    """Return what an operation that came since has done, by how new the state was that it was made from."""
    kind = KINDS.get(str(operation_key).partition("-")[0])
    action = kind.action if kind else "a change in the Stigg app"
    return Since(f"{action} came after this deal was last applied", made_at, operation_key)


def by_history(record: RecordState, deps: Deps) -> Since:
    """Return what last happened to a record that has no subscription any more."""
    history = deps.records.read(record.org_id, record.record_id).history
    return _told(history[-1]) if history else Since("its subscription is gone")


def _told(entry: HistoryEntry) -> Since:
    at = milliseconds(datetime.fromisoformat(entry.at))
    if entry.replaced_by_subscription_id is None:
        return Since(f"its subscription {entry.subscription_id} is gone", at, entry.operation_key)
    owner = f" of record {entry.other_record_id}" if entry.other_record_id else ""
    told = f"{entry.replaced_by_subscription_id}{owner} took the place of its subscription {entry.subscription_id}"
    return Since(told, at, entry.operation_key)
