"""Restore the lost mapping of a record from the marks in its subscription's metadata in Stigg."""

from __future__ import annotations

from copy import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions import salesforce_ids
from stigg_actions.clock import Backoff, iso
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.dates import with_dates_of
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.mapping import (
    Changes,
    CustomerState,
    HistoryEntry,
    LatestOperation,
    LiveSubscription,
    MappedSubscription,
    RecordState,
    ResourceState,
    SubscriptionState,
)
from stigg_actions.storage.snapshot import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.snapshot import Snapshot

MOST_PAGES = 5
"""The most pages of 100 subscriptions to search, so that the call answers in time."""

_MOST_STATES = 100
"""The most states that one read returns."""

_NO_OPERATION = "repair"
"""The operation key for a subscription whose metadata names no operation."""


class Search(NamedTuple):
    """The subscription that names a record, if any, and the number searched; ``complete`` if all were searched."""

    found: Subscription | None
    searched: int
    complete: bool


def search(deps: Deps, *, org_id: str, record_id: str, customer_id: str | None) -> Search:
    """Find the subscription of a record in Stigg: a live one first, then a scheduled one, then one that has ended.

    All subscriptions of the customer are searched; without a customer, the live ones of all customers. One that the
    record has released for another is left out.
    """
    parts = list(islice(deps.stigg.subscription_pages(customer_id), MOST_PAGES))
    searched = [subscription for part in parts for subscription in part.items]
    marked = [subscription for subscription in searched if marked_record(subscription, org_id) == record_id]
    best = next(iter(_kept(sorted(marked, key=_rank, reverse=True), deps)), None)
    return Search(best, len(searched), complete=parts[-1].is_last)


def _kept(marked: Sequence[Subscription], deps: Deps) -> Sequence[Subscription]:
    """Leave out what the record has released. The tables are read if more than one subscription names the record."""
    if len(marked) < 2:
        return marked
    states = deps.records.subscriptions([subscription.id for subscription in marked[:_MOST_STATES]])
    released = {name for name, state in states.items() if state.released_from is not None}
    return [subscription for subscription in marked if subscription.id not in released]


def _rank(subscription: Subscription) -> tuple[bool, bool, str]:
    has_started = subscription.status != "NOT_STARTED"
    return not subscription.has_ended, has_started, str(subscription.created_at or "")


def marked_record(subscription: Subscription, org_id: str) -> str | None:
    """Return the record of an org that a subscription names in its metadata."""
    marks = subscription.metadata
    if marks.get("salesforceOrgId") != org_id:
        return None
    try:
        return salesforce_ids.record_id(marks.get("salesforceRecordId", ""))
    except ValueError:
        return None


def restore_mapping(subscription: Subscription, *, org_id: str, record_id: str, deps: Deps) -> bool:
    """Map a record to its subscription again; return False if it is mapped by now or has another subscription.

    No lease is taken. The items are written only if none has changed since it was read, and a write that is under
    way overwrites them.

    Raises:
        InProgress: other writes keep changing the same items.
    """
    target = Target(
        org_id,
        customer_id=subscription.customer_id,
        record_id=record_id,
        resource_id=subscription.resource_id,
        of_resource=True,
        subscription_id=subscription.id,
    )
    waits = Backoff(deps.deadline)
    while True:
        snapshot = deps.ledger.snapshot(target, None)
        if not _is_lost(snapshot, subscription):
            return False
        try:
            _write(snapshot, subscription, deps)
        except ConditionFailedError:
            waits.once()
        else:
            return True


def may_take_over(record: RecordState, subscription: Subscription, known: SubscriptionState | None) -> bool:
    """Whether a live subscription that names a record is the one that the record has lost.

    This happens after an older copy of the tables was restored or an older payment page was paid: the record has no
    live subscription, and the tables do not know this one. After a cancellation, a subscription that was created
    before it is not mapped.
    """
    if subscription.has_ended or record.upcoming is not None or (known is not None and known.record_id is not None):
        return False
    current = record.current
    return current is None or (current.status in ENDED and not _was_ended_after(record, subscription))


def _was_ended_after(record: RecordState, subscription: Subscription) -> bool:
    """Whether an operation canceled the record's subscription after this one was created."""
    current, latest = record.current, record.latest
    if current is None or latest is None or current.operation_key != latest.operation_key:
        return False
    created, ended_before = subscription.created_at, latest.finished_at + 1  # finished_at is in whole seconds
    return latest.operation_key.startswith("cancel-") and created is not None and created.timestamp() < ended_before


def _is_lost(snapshot: Snapshot, subscription: Subscription) -> bool:
    """Whether the record has no mapping, or its subscription does not lead back to it.

    A subscription that the tables map to another record stays there, whatever its metadata says.
    """
    record, known, target = snapshot.record, snapshot.subscription, snapshot.target
    owner = (known.org_id, known.record_id) if known is not None and known.record_id is not None else None
    if known is not None and known.released_from is not None:
        return False
    if record is None or record.is_blank:
        return owner in {None, (target.org_id, target.record_id)}
    if may_take_over(record, subscription, known):
        return True
    is_mapped = record.current is not None and record.current.subscription_id == subscription.id
    return is_mapped and owner is None


def _write(snapshot: Snapshot, subscription: Subscription, deps: Deps) -> None:
    target, key = snapshot.target, subscription.metadata.get("stiggActionsKey", _NO_OPERATION)
    org_id, record_id, before = target.org_id, str(target.record_id), snapshot.subscription
    plain = SubscriptionState(subscription.id, subscription.customer_id, subscription.plan_id, subscription.resource_id)
    changes = Changes(
        CustomerState(subscription.customer_id),
        resource=_resource(snapshot, subscription),
        records=(_mapped_again(snapshot, subscription, key),),
        history=(HistoryEntry(org_id, record_id, iso(deps.clock.now()), "repaired", subscription.id, key),),
    )
    deps.records.restore(changes, replace(before or plain, org_id=org_id, record_id=record_id), before)


def _mapped_again(snapshot: Snapshot, subscription: Subscription, key: str) -> RecordState:
    """Return the record with the subscription as its current one, unchanged if it has it already."""
    record, target = snapshot.record, snapshot.target
    if record is not None and record.current is not None and record.current.subscription_id == subscription.id:
        return record
    current = MappedSubscription(
        subscription.id, subscription.plan_id, subscription.status, key, subscription.resource_id
    )
    known = record or RecordState(target.org_id, str(target.record_id), subscription.customer_id)
    return replace(
        known, customer_id=subscription.customer_id, current=with_dates_of(current, subscription), latest=_made_by(key)
    )


def _made_by(key: str) -> LatestOperation | None:
    """Return the operation that provisioned a subscription as the record's latest.

    Later operations are unknown, so its result is not replayed; a repeated request checks the subscription first.
    """
    return None if key == _NO_OPERATION else LatestOperation(key, intent=0, finished_at=0)


def _resource(snapshot: Snapshot, subscription: Subscription) -> ResourceState | None:
    """Return the resource with this subscription added to its live ones, or None if it has ended."""
    if subscription.has_ended or snapshot.resource is None:
        return None
    target = snapshot.target
    live = LiveSubscription(
        subscription.id, subscription.plan_id, subscription.resource_id, target.org_id, target.record_id
    )
    return replace(snapshot.resource, live={**snapshot.resource.live, subscription.id: live})
