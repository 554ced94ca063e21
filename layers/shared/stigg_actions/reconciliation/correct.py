"""Correct a record's status, plan and dates from Stigg, and add each change to its history."""

from __future__ import annotations

from copy import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from stigg_actions.clock import iso
from stigg_actions.reconciliation.agreement import as_in_stigg, changed_outside, is_of
from stigg_actions.storage.mapping import CHANGED_OUTSIDE, Changes, CustomerState, HistoryEntry, LatestOperation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import MappedSubscription, RecordState
    from stigg_actions.storage.snapshot import Snapshot

AS_SCHEDULED = "asScheduled"
"""The event for a change of status that was scheduled or followed a payment."""
PAYMENT_FAILED = "paymentFailed"
"""The event for a failed payment whose invoice is still owed."""
AT_ONCE = timedelta(seconds=10)
"""Stigg dates both sides of a replacement one after the other: the new one may start before the old one ends."""


def write(
    snapshot: Snapshot, mapped: MappedSubscription, subscription: Subscription, deps: Deps, *, noticed_by: str | None
) -> None:
    """Correct the record of a snapshot, which holds the subscription, from Stigg.

    Raises:
        ConditionFailedError: an item has changed since it was read; none was written.
    """
    record, actual = cast("RecordState", snapshot.record), as_in_stigg(mapped, subscription)
    by_hand = changed_outside(record, mapped, subscription, now=deps.clock.now())
    if by_hand and subscription.was_replaced:
        actual = replace(actual, replaced_by=_successor(subscription, deps))
    event = CHANGED_OUTSIDE if by_hand else AS_SCHEDULED if mapped.status != subscription.status else None
    after, entry = _with(record, actual, subscription), _line(record, actual, event, noticed_by, deps)
    if not by_hand:
        return _write(snapshot, after, entry, subscription, deps)
    newest = _newest(subscription, noticed_by, deps)
    return _write(snapshot, after.settled_by(newest), entry, subscription, deps, newest=newest)


def write_payment_failed(
    snapshot: Snapshot, mapped: MappedSubscription, subscription: Subscription, deps: Deps, at: str
) -> None:
    """Record that a subscription's payment failed and is still owed. Raises what ``write`` raises."""
    record, failed = cast("RecordState", snapshot.record), replace(mapped, payment_failed_at=at)
    _write(
        snapshot,
        _with(record, failed, subscription),
        _line(record, failed, PAYMENT_FAILED, None, deps),
        subscription,
        deps,
    )


def write_lapsed(snapshot: Snapshot, subscription: Subscription, deps: Deps) -> None:
    """Remove a subscription that ended before it was paid from its record. Raises what ``write`` raises."""
    record = cast("RecordState", snapshot.record)
    _write(snapshot, record.without_page(subscription.id), iter(()), subscription, deps)


def _write(  # noqa: PLR0913 - the parts of one transaction
    snapshot: Snapshot,
    record: RecordState,
    history: Iterator[HistoryEntry],
    subscription: Subscription,
    deps: Deps,
    *,
    newest: LatestOperation | None = None,
) -> None:
    customer = snapshot.customer or CustomerState(subscription.customer_id)
    resource = snapshot.resource
    if resource is not None and subscription.has_ended:
        resource = resource.without(subscription.id)
    known = (replace(snapshot.subscription, latest=newest),) if newest and snapshot.subscription else ()
    changes = Changes(customer, resource=resource, records=(record,), history=tuple(history), subscriptions=known)
    deps.records.correct(changes, customer)


def _newest(subscription: Subscription, noticed_by: str | None, deps: Deps) -> LatestOperation:
    """Return the latest operation that records a change made outside, as of the end date or else of now.

    A request that was made from an older state does not undo the change.
    """
    now = deps.clock.now()
    moment = subscription.end_date.timestamp() if subscription.has_ended and subscription.end_date else now
    return LatestOperation(noticed_by or CHANGED_OUTSIDE, 0, int(now), as_of=int(1000 * min(moment, now)))


def _with(record: RecordState, actual: MappedSubscription, subscription: Subscription) -> RecordState:
    """Return a record with a corrected subscription, or without it if it ended before it started."""
    if is_of(record.current, subscription):
        return replace(record, current=actual)
    if subscription.is_active:
        return replace(record, current=actual, upcoming=None)
    return replace(record, upcoming=None if subscription.has_ended else actual)


def _line(
    record: RecordState, actual: MappedSubscription, event: str | None, noticed_by: str | None, deps: Deps
) -> Iterator[HistoryEntry]:
    if event is None:
        return
    yield HistoryEntry(
        record.org_id,
        record.record_id,
        iso(deps.clock.now()),
        event,
        actual.subscription_id,
        noticed_by or actual.operation_key,
        replaced_by_subscription_id=actual.replaced_by,
    )


def _successor(subscription: Subscription, deps: Deps) -> str | None:
    """Return the customer's only subscription that started on the resource when this one ended, if any."""
    others = deps.stigg.live_subscriptions(subscription.customer_id)
    began = [
        other.id for other in others if other.resource_id == subscription.resource_id and _follows(other, subscription)
    ]
    return began[0] if len(began) == 1 else None


def _follows(other: Subscription, subscription: Subscription) -> bool:
    return (
        other.start_date is not None
        and subscription.end_date is not None
        and other.start_date >= subscription.end_date - AT_ONCE
    )
