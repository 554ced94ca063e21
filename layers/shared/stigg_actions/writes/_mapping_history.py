"""Write the history of the records after a subscription was provisioned."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stigg_actions.models.subscription_data import ProvisionedAnswer
from stigg_actions.storage.mapping import HistoryEntry
from stigg_actions.storage.snapshot import Run
from stigg_actions.writes._mapping_closed import Closed
from stigg_actions.writes._metadata import Owner


class Occasion(NamedTuple):
    """Why a subscription is provisioned: its event in the history, and the subscription that it follows.

    ``before_downgrade`` is the subscription that a later renewal can restore.
    """

    event: str | None = None
    event_ahead: str | None = None
    predecessor_id: str | None = None
    before_downgrade: str | None = None
    changes_customer: bool = False

    def event_for(self, outcome: str) -> str:
        """Return the name of the event that an outcome has in the history."""
        events = {"created": self.event, "replaced": self.event, "scheduled": self.event_ahead}
        return events.get(outcome) or outcome


class ProvisionedHistory(NamedTuple):
    """The entries for the new subscription's record and for the records that lose theirs; ``at`` is the time in ISO."""

    run: Run
    answer: ProvisionedAnswer
    owner: Owner
    occasion: Occasion
    at: str

    def entries(self, closed: Sequence[Closed], called_off: Sequence[str]) -> Iterator[HistoryEntry]:
        """Yield the entries: closed, called off, left behind and new."""
        for record, subscription_id in closed:
            yield self._of_the_old(record.org_id, record.record_id, "closed", subscription_id)
        target = self.run.snapshot.target
        for old in called_off:
            yield self._of_the_old(target.org_id, str(target.record_id), "calledOff", old)
        yield from self._left_behind(closed)
        yield from self._of_the_new()

    def _left_behind(self, closed: Sequence[Closed]) -> Iterator[HistoryEntry]:
        """Yield an entry for the named record if the new subscription starts later on another record."""
        target = self.run.snapshot.target
        is_closed = any(record.record_id == target.record_id and record.current is None for record, _ in closed)
        if self._from_record_id is not None and self.answer.outcome == "scheduled" and not is_closed:
            event, old = self.occasion.event_for(self.answer.outcome), str(self.occasion.predecessor_id)
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
            self.occasion.event_for(self.answer.outcome),
            self.answer.subscription_id,
            self.run.operation.operation_key,
            self.answer.replaced_subscription_id or self.occasion.predecessor_id,
            other_record_id=self._from_record_id,
        )

    @property
    def _from_record_id(self) -> str | None:
        """The record that the request named, if the new subscription belongs to another record."""
        named = self.run.snapshot.target.record_id
        return None if named == self.owner.record_id else named
