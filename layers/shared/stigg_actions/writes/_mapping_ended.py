"""Update the mappings after several subscriptions of one customer ended at once."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.clock import iso
from stigg_actions.storage.dates import with_dates_of
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import Changes, HistoryEntry, SubscriptionState
from stigg_actions.writes._mapping_changed import without_ramp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import (
        CustomerState,
        LatestOperation,
        MappedSubscription,
        RecordState,
        ResourceState,
    )
    from stigg_actions.storage.snapshot import Run


def ended_mappings(run: Run, ended: Sequence[Subscription], customer: CustomerState, deps: Deps) -> Changes:
    """Return the changes to the subscriptions, their records, their resources and the history.

    The operation becomes the latest of each, so that the stored result of an earlier one is not replayed.
    """
    states, done = deps.records.subscriptions([subscription.id for subscription in ended]), _done(run, deps)
    gone = {subscription.id: subscription for subscription in ended}
    before = deps.records.states({(str(state.org_id), str(state.record_id)) for state in states.values()})
    records = [record for record in before.values() if any(entry.subscription_id in gone for entry in record.mapped)]
    return Changes(
        customer,
        other_resources=_resources(customer, ended, done, deps),
        records=tuple(_record(record, gone, run.operation.operation_key).settled_by(done) for record in records),
        history=tuple(_entry(record, entry, run, deps) for record in records for entry in _over(record, gone)),
        subscriptions=tuple(_state(subscription, states, done) for subscription in ended),
    )


def _done(run: Run, deps: Deps) -> LatestOperation:
    return latest(run.operation, deps.clock.now())


def _resources(
    customer: CustomerState, ended: Sequence[Subscription], done: LatestOperation, deps: Deps
) -> tuple[ResourceState, ...]:
    resources = deps.records.resources(customer.customer_id, (subscription.resource_id for subscription in ended))
    gone = {subscription.id for subscription in ended}
    left = ({name: live for name, live in resource.live.items() if name not in gone} for resource in resources)
    return tuple(replace(resource, live=live, latest=done) for resource, live in zip(resources, left, strict=True))


def _state(
    subscription: Subscription, states: Mapping[str, SubscriptionState], done: LatestOperation
) -> SubscriptionState:
    known = states.get(subscription.id) or SubscriptionState(
        subscription.id, subscription.customer_id, subscription.plan_id, subscription.resource_id
    )
    return without_ramp(replace(known, latest=done))


def _over(record: RecordState, gone: Mapping[str, Subscription]) -> list[MappedSubscription]:
    return [entry for entry in record.mapped if entry.subscription_id in gone]


def _record(record: RecordState, gone: Mapping[str, Subscription], key: str) -> RecordState:
    """Return a record whose current subscription has ended, or whose next one is called off, or both.

    A record without a current subscription keeps the one that was called off, which says what became of it.
    """
    upcoming = None if record.upcoming and record.upcoming.subscription_id in gone else record.upcoming
    current = record.current or (None if upcoming else record.upcoming)
    return replace(record, current=current and _as_now(current, gone, key), upcoming=upcoming)


def _as_now(entry: MappedSubscription, gone: Mapping[str, Subscription], key: str) -> MappedSubscription:
    ended = gone.get(entry.subscription_id)
    return entry if ended is None else with_dates_of(replace(entry, status=ended.status, operation_key=key), ended)


def _entry(record: RecordState, entry: MappedSubscription, run: Run, deps: Deps) -> HistoryEntry:
    event = "canceled" if entry == record.current else "calledOff"
    key, at = run.operation.operation_key, iso(deps.clock.now())
    return HistoryEntry(record.org_id, record.record_id, at, event, entry.subscription_id, key)
