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
    AccountLink,
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

_SCHEDULED = "NOT_STARTED"
"""The status of a subscription that has yet to start."""

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
    has_started = subscription.status != _SCHEDULED
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


def marked_account(subscription: Subscription) -> str | None:
    """Return the Salesforce account that a subscription names in its metadata."""
    try:
        return salesforce_ids.record_id(subscription.metadata.get("salesforceAccountId", ""))
    except ValueError:
        return None


def missing_link(snapshot: Snapshot, subscription: Subscription) -> AccountLink | None:
    """Return the link of a live subscription's account to its customer, if the account has none."""
    target = snapshot.target
    if target.account_id is None or snapshot.linked_customer_id is not None or subscription.has_ended:
        return None
    return AccountLink(target.org_id, target.account_id)


def restore_mapping(subscription: Subscription, *, org_id: str, record_id: str, deps: Deps) -> bool:
    """Map a record to its subscription again, and link its account; return False if it has a subscription by now.

    No lease is taken. The items are written only if none has changed since it was read, and a write that is under
    way overwrites them.

    Raises:
        InProgress: other writes keep changing the same items.
    """
    target = Target(
        org_id,
        customer_id=subscription.customer_id,
        account_id=marked_account(subscription),
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

    This happens after tables were lost, an older copy of them was restored or an older payment page was paid: the
    tables do not know this one, and the record has no live subscription, or one of both has yet to start and follows
    the other. After a cancellation, a subscription that was created before it is not mapped.
    """
    if subscription.has_ended or record.upcoming is not None or (known is not None and known.record_id is not None):
        return False
    current = record.current
    if current is None or current.status in ENDED:
        return current is None or not _was_ended_after(record, subscription)
    return (current.status == _SCHEDULED) != (subscription.status == _SCHEDULED)


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
    return owner is None and any(mapped.subscription_id == subscription.id for mapped in record.mapped)


def _write(snapshot: Snapshot, subscription: Subscription, deps: Deps) -> None:
    target, key = snapshot.target, subscription.metadata.get("stiggActionsKey", _NO_OPERATION)
    org_id, record_id, before = target.org_id, str(target.record_id), snapshot.subscription
    plain = SubscriptionState(subscription.id, subscription.customer_id, subscription.plan_id, subscription.resource_id)
    changes = Changes(
        CustomerState(subscription.customer_id),
        resource=_resource(snapshot, subscription),
        records=(_mapped_again(snapshot, subscription, key),),
        account=missing_link(snapshot, subscription),
        history=(HistoryEntry(org_id, record_id, iso(deps.clock.now()), "repaired", subscription.id, key),),
    )
    deps.records.restore(changes, replace(before or plain, org_id=org_id, record_id=record_id), before)


def _mapped_again(snapshot: Snapshot, subscription: Subscription, key: str) -> RecordState:
    """Return the record with the subscription as its current one, or as the one that follows; unchanged if it has it.

    Which of two is read first is chance: one that has yet to start may be mapped before the one that runs until then.
    """
    record, target = snapshot.record, snapshot.target
    if record is not None and any(mapped.subscription_id == subscription.id for mapped in record.mapped):
        return record
    before = record or RecordState(target.org_id, str(target.record_id), subscription.customer_id)
    known, found = replace(before, customer_id=subscription.customer_id), _mapped(subscription, key)
    live = known.current if known.current is not None and known.current.status not in ENDED else None
    if live is not None and found.status == _SCHEDULED:
        return replace(known, upcoming=found)
    return replace(known, current=found, upcoming=live, latest=_made_by(key))


def _mapped(subscription: Subscription, key: str) -> MappedSubscription:
    starts = subscription.start_date if subscription.status == _SCHEDULED else None
    mapped = MappedSubscription(
        subscription.id,
        subscription.plan_id,
        subscription.status,
        key,
        subscription.resource_id,
        starts_at=int(starts.timestamp()) if starts else None,
    )
    return with_dates_of(mapped, subscription)


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
