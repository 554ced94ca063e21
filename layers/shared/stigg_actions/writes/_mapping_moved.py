"""Update the mappings after a renewal amended a subscription and perhaps moved it to another record."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.clock import iso
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.dates import with_dates_of
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import Changes, HistoryEntry, LiveSubscription, MappedSubscription, RecordState
from stigg_actions.writes._mapping_changed import changed_mappings, without_what_ended

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.storage.snapshot import Run
    from stigg_actions.writes._metadata import Owner

_EVENTS = {"scheduled": "renewalScheduled", "paymentRequired": "renewalAwaitsPayment"}


class AmendedMapping(NamedTuple):
    """The mappings after a subscription was amended for an owner, which may be a new record."""

    run: Run
    effect: Effect[SubscriptionAnswer]
    owner: Owner
    deps: Deps

    def changes(self) -> Changes:
        """Return the changes to the subscription and its record, and to both records and their history if it moves."""
        changes = without_what_ended(
            changed_mappings(self.run, self.effect, event=self._event, now=self.deps.clock.now()),
            {subscription.subscription_id for subscription in self.effect.ended},
        )
        if self.owner.record_id == self.run.snapshot.target.record_id:
            return changes
        new = self.deps.ledger.record(self.owner.org_id, str(self.owner.record_id))
        return changes if new is not None and self._stays(new) else self._moved(changes, new)

    def _stays(self, new: RecordState) -> bool:
        """Whether the new record has the subscription already, or got one of another customer meanwhile."""
        answer, in_use = self.effect.answer, any(mapped.status not in ENDED for mapped in new.mapped)
        return (in_use and new.customer_id != answer.customer_id) or _holds(new.current, answer.subscription_id)

    def _moved(self, changes: Changes, new: RecordState | None) -> Changes:
        """Add the move to another record to the changes."""
        (state,) = changes.subscriptions
        moved = replace(state, org_id=self.owner.org_id, record_id=self.owner.record_id)
        resource = changes.resource and replace(changes.resource, live=self._live(changes.resource.live))
        return replace(
            changes,
            resource=resource,
            records=tuple(self._records(changes.records, new)),
            history=tuple(self._history(changes.records)),
            subscriptions=(moved,),
        )

    @property
    def _event(self) -> str:
        return _EVENTS.get(self.effect.answer.outcome, "renewed")

    def _live(self, live: Mapping[str, LiveSubscription]) -> dict[str, LiveSubscription]:
        answer, owner = self.effect.answer, self.owner
        moved = LiveSubscription(
            answer.subscription_id, answer.plan_id, answer.resource_id, owner.org_id, owner.record_id
        )
        return {**live, moved.subscription_id: moved}

    def _records(self, left: tuple[RecordState, ...], new: RecordState | None) -> Iterator[RecordState]:
        """Yield the record that receives the subscription, and the one that loses it."""
        answer, operation = self.effect.answer, self.run.operation
        done = latest(operation, self.deps.clock.now())
        mapped = MappedSubscription(
            answer.subscription_id, answer.plan_id, answer.status, operation.operation_key, answer.resource_id
        )
        new = new or RecordState(self.owner.org_id, str(self.owner.record_id), answer.customer_id)
        arrived = replace(new, customer_id=answer.customer_id, current=with_dates_of(mapped, answer), moved_to=None)
        yield arrived.settled_by(done)
        for record in left:
            yield replace(without(record, answer.subscription_id), latest=done, moved_to=self.owner.record_id)

    def _history(self, left: tuple[RecordState, ...]) -> Iterator[HistoryEntry]:
        old_id = self.run.snapshot.target.record_id
        yield self._entry(self.owner.org_id, str(self.owner.record_id), self._event, other=old_id)
        for record in left:
            yield self._entry(record.org_id, record.record_id, "moved", other=self.owner.record_id)

    def _entry(self, org_id: str, record_id: str, event: str, *, other: str | None) -> HistoryEntry:
        return HistoryEntry(
            org_id,
            record_id,
            iso(self.deps.clock.now()),
            event,
            self.effect.answer.subscription_id,
            self.run.operation.operation_key,
            other_record_id=other,
        )


def without(record: RecordState, subscription_id: str) -> RecordState:
    """Return a record without a subscription. A scheduled successor stays, because it was requested."""
    current = None if _holds(record.current, subscription_id) else record.current
    upcoming = None if _holds(record.upcoming, subscription_id) else record.upcoming
    return replace(record, current=current, upcoming=upcoming)


def _holds(mapped: MappedSubscription | None, subscription_id: str) -> bool:
    return mapped is not None and mapped.subscription_id == subscription_id
