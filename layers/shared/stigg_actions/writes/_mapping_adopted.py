"""Update the mappings after a subscription was adopted for a record."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.clock import iso
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import (
    AccountLink,
    Changes,
    HistoryEntry,
    LiveSubscription,
    MappedSubscription,
    RecordState,
    ResourceState,
    SubscriptionState,
)
from stigg_actions.writes._mapped import mapped
from stigg_actions.writes._mapping_changed import without_ramp
from stigg_actions.writes._mapping_moved import without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.models.adopt_subscription import AdoptedSubscription
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import LatestOperation
    from stigg_actions.storage.snapshot import Run, Snapshot
    from stigg_actions.writes._metadata import Owner


def displaced(record: RecordState | None, coming: Subscription, deps: Deps) -> MappedSubscription | None:
    """Return the live subscription of a record that another one takes the place of. Raises what the client raises."""
    place = _place(record, coming.status) if record else None
    if place is None or place.subscription_id == coming.id or place.status in ENDED:
        return None
    present = deps.stigg.find_subscription(place.subscription_id)
    return None if present is None or present.has_ended else place


def former_record(snapshot: Snapshot) -> tuple[str, str] | None:
    """Return org and record that the target's subscription belongs to, if that is another record."""
    state, target = snapshot.subscription, snapshot.target
    if state is None or state.org_id is None or state.record_id is None:
        return None
    former = (state.org_id, state.record_id)
    return None if former == (target.org_id, target.record_id) else former


class AdoptedMapping(NamedTuple):
    """The mappings after a subscription was adopted for an owner, computed from the run's snapshot."""

    run: Run
    answer: AdoptedSubscription
    owner: Owner
    deps: Deps

    def changes(self) -> Changes:
        """Return the changes to record, subscription, lists and history, and to what is released.

        A subscription that has ended when it is read changes no mapping.
        """
        if self.answer.status in ENDED:
            return Changes(self.run.customer)
        released, former = self._released(), self._former()
        return Changes(
            self.run.customer,
            resource=self._without_lost(self._resource(), released),
            other_resources=tuple(self._other_resource(released)),
            records=(self._record(), *((self._left(former),) if former else ())),
            history=tuple(self._history(former)),
            subscriptions=(self._state(), *((released,) if released else ())),
            account=self._account(),
        )

    @property
    def _done(self) -> LatestOperation:
        return latest(self.run.operation, self.deps.clock.now())

    @property
    def _target(self) -> tuple[str, str]:
        return self.owner.org_id, str(self.owner.record_id)

    def _released(self) -> SubscriptionState | None:
        """Return the state of the subscription that the record loses: of no record, whatever its metadata say."""
        mapped = self.run.snapshot.record.mapped if self.run.snapshot.record else ()
        lost = next((one for one in mapped if one.subscription_id == self.answer.released_subscription_id), None)
        if lost is None:
            return None
        plain = SubscriptionState(lost.subscription_id, self.answer.customer_id, lost.plan_id, lost.resource_id)
        known = self.deps.ledger.subscription(lost.subscription_id) or plain
        released = replace(known, org_id=None, record_id=None, released_from=self.owner.record_id)
        return without_ramp(released)

    def _former(self) -> RecordState | None:
        """Return the record that the subscription leaves."""
        former = former_record(self.run.snapshot)
        return self.deps.ledger.record(*former) if former else None

    def _record(self) -> RecordState:
        before = self.run.snapshot.record or RecordState(*self._target, self.answer.customer_id)
        known = replace(before, customer_id=self.answer.customer_id, claim=None, moved_to=None)
        settled = without(known, self.answer.subscription_id).settled_by(self._done)
        new = mapped(self.answer, self.run.operation.operation_key)
        if before.current is not None and _place(before, self.answer.status) is not before.current:
            return replace(settled, upcoming=new)
        return replace(settled, current=new)

    def _left(self, former: RecordState) -> RecordState:
        left = without(former, self.answer.subscription_id)
        return replace(left, latest=self._done, moved_to=self.owner.record_id)

    def _state(self) -> SubscriptionState:
        """Return the state of the subscription; what is known of its terms stays."""
        answer = self.answer
        plain = SubscriptionState(answer.subscription_id, answer.customer_id, answer.plan_id, answer.resource_id)
        org_id, record_id = self._target
        known = self.run.snapshot.subscription or plain
        return replace(
            known,
            customer_id=answer.customer_id,
            org_id=org_id,
            record_id=record_id,
            released_from=None,
            latest=self._done,
        )

    def _resource(self) -> ResourceState:
        answer = self.answer
        before = self.run.snapshot.resource or ResourceState(answer.customer_id, answer.resource_id)
        own = LiveSubscription(answer.subscription_id, answer.plan_id, answer.resource_id, *self._target)
        return replace(before, live={**before.live, own.subscription_id: own})

    def _other_resource(self, released: SubscriptionState | None) -> Iterator[ResourceState]:
        """Yield the list of another resource or customer that has what the record loses."""
        lost, record, answer = released or self._ended, self.run.snapshot.record, self.answer
        if lost is None:
            return
        place = (record.customer_id if record else answer.customer_id, lost.resource_id)
        if place != (answer.customer_id, answer.resource_id):
            yield self._without_lost(self.deps.ledger.resource(*place), released)

    def _without_lost(self, resource: ResourceState, released: SubscriptionState | None) -> ResourceState:
        """Return a list in which what is released has no record, and without what has ended in Stigg.

        Nothing else would remove that from the list: from now on the record names another subscription.
        """
        if released is not None:
            return _without_record(resource, released.subscription_id)
        return resource.without(self._ended.subscription_id) if self._ended else resource

    @property
    def _ended(self) -> MappedSubscription | None:
        """The subscription that the record has in the place of the adopted one, if Stigg has ended it meanwhile."""
        record, answer = self.run.snapshot.record, self.answer
        place = _place(record, answer.status) if record and not answer.released_subscription_id else None
        return None if place is None or place.subscription_id == answer.subscription_id else place

    def _history(self, former: RecordState | None) -> Iterator[HistoryEntry]:
        if self.answer.outcome == "unchanged":
            return
        other_id = former.record_id if former else None
        entry = HistoryEntry(
            *self._target,
            iso(self.deps.clock.now()),
            "adopted",
            self.answer.subscription_id,
            self.run.operation.operation_key,
            self.answer.released_subscription_id,
            other_record_id=other_id,
        )
        yield entry
        if former is not None:
            place = {"org_id": former.org_id, "record_id": former.record_id, "event": "moved"}
            yield replace(entry, **place, replaced_subscription_id=None, other_record_id=self.owner.record_id)

    def _account(self) -> AccountLink | None:
        unlinked = self.owner.account_id and self.run.snapshot.linked_customer_id is None
        return AccountLink(self.owner.org_id, str(self.owner.account_id)) if unlinked else None


def _place(record: RecordState, status: str) -> MappedSubscription | None:
    """Return what a record has in the place of a subscription: a scheduled one goes behind one that runs."""
    runs = record.current is not None and record.current.status not in {*ENDED, "NOT_STARTED"}
    return record.upcoming if status == "NOT_STARTED" and runs else record.current


def _without_record(resource: ResourceState, subscription_id: str) -> ResourceState:
    """Return a list whose subscription belongs to no record any more."""
    live = resource.live.get(subscription_id)
    if live is None:
        return resource
    return replace(resource, live={**resource.live, subscription_id: replace(live, org_id=None, record_id=None)})
