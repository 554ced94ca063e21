"""What the history of the records tells of a subscription that was provisioned."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stigg_actions.models.subscription_data import ProvisionedAnswer
from stigg_actions.storage.mapping import HistoryEntry
from stigg_actions.storage.snapshot import Run
from stigg_actions.writes._mapping_closed import Closed
from stigg_actions.writes._metadata import Owner


class Occasion(NamedTuple):
    """Why a subscription is provisioned: how the history calls it, and what it follows.

    ``before_downgrade`` is the subscription that a later renewal can restore.
    """

    event: str | None = None
    event_ahead: str | None = None
    predecessor_id: str | None = None
    before_downgrade: str | None = None
    changes_customer: bool = False

    def told(self, outcome: str) -> str:
        """Return the event of the history for an outcome."""
        events = {"created": self.event, "replaced": self.event, "scheduled": self.event_ahead}
        return events.get(outcome) or outcome


class ProvisionedHistory(NamedTuple):
    """The lines for the record of the new subscription, and for those that lose theirs; ``at`` is when (ISO)."""

    run: Run
    answer: ProvisionedAnswer
    owner: Owner
    occasion: Occasion
    at: str

    def entries(self, closed: Sequence[Closed], called_off: Sequence[str]) -> Iterator[HistoryEntry]:
        """Yield the lines: of what was closed or called off, of what was left behind, of what is new."""
        for one in closed:
            yield self._of_the_old(one.record.org_id, one.record.record_id, "closed", one.subscription_id)
        target = self.run.snapshot.target
        for old in called_off:
            yield self._of_the_old(target.org_id, str(target.record_id), "calledOff", old)
        yield from self._left_behind(closed)
        yield from self._of_the_new()

    def _left_behind(self, closed: Sequence[Closed]) -> Iterator[HistoryEntry]:
        """Tell the record that the request named, if it keeps its subscription until the new one starts elsewhere."""
        target = self.run.snapshot.target
        is_told = any(one.record.record_id == target.record_id and one.record.current is None for one in closed)
        if self._from_record_id is not None and self.answer.outcome == "scheduled" and not is_told:
            event, old = self.occasion.told(self.answer.outcome), str(self.occasion.predecessor_id)
            yield self._of_the_old(target.org_id, self._from_record_id, event, old)

    def _of_the_old(self, org_id: str, record_id: str, event: str, subscription_id: str) -> HistoryEntry:
        return HistoryEntry(
            org_id,
            record_id,
            self.at,
            event,
            subscription_id,
            self.run.operation.operation_key,
            replaced_by_subscription_id=self.answer.subscription_id,
            other_record_id=self.owner.record_id,
        )

    def _of_the_new(self) -> Iterator[HistoryEntry]:
        if self.owner.record_id is None or self.answer.outcome == "unchanged":
            return
        yield HistoryEntry(
            self.owner.org_id,
            self.owner.record_id,
            self.at,
            self.occasion.told(self.answer.outcome),
            self.answer.subscription_id,
            self.run.operation.operation_key,
            self.answer.replaced_subscription_id or self.occasion.predecessor_id,
            other_record_id=self._from_record_id,
        )

    @property
    def _from_record_id(self) -> str | None:
        """The record that the request named, if the new subscription belongs to another one."""
        named = self.run.snapshot.target.record_id
        return None if named == self.owner.record_id else named
