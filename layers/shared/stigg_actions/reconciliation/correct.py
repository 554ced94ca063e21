"""Correcting a record by what Stigg shows: status, plan and dates, with a line of history for what is news."""

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
"""The event for a change of status that had been set for its time, or that a payment brought."""
PAYMENT_FAILED = "paymentFailed"
"""The event for a payment that failed and is owed."""
AT_ONCE = timedelta(seconds=10)
"""Stigg stamps both sides of a replacement, one after the other: the new one may begin before the old one ends."""


def write(
    snapshot: Snapshot, mapped: MappedSubscription, one: Subscription, deps: Deps, *, noticed_by: str | None
) -> None:
    """Write what Stigg shows into the record of a standing, which holds the subscription.

    Raises:
        ConditionFailedError: something has changed since it was read; nothing was written.
    """
    record, truth = cast("RecordState", snapshot.record), as_in_stigg(mapped, one)
    by_hand = changed_outside(record, mapped, one, now=deps.clock.now())
    if by_hand and one.was_replaced:
        truth = replace(truth, replaced_by=_successor(one, deps))
    event = CHANGED_OUTSIDE if by_hand else AS_SCHEDULED if mapped.status != one.status else None
    after, line = _with(record, truth, one), _line(record, truth, event, noticed_by, deps)
    if not by_hand:
        return _write(snapshot, after, line, one, deps)
    newest = _newest(one, noticed_by, deps)
    return _write(snapshot, after.settled_by(newest), line, one, deps, newest=newest)


def write_payment_failed(
    snapshot: Snapshot, mapped: MappedSubscription, one: Subscription, deps: Deps, at: str
) -> None:
    """Write into its record that a subscription's payment failed, which is owed. Raises as ``write``."""
    record, failed = cast("RecordState", snapshot.record), replace(mapped, payment_failed_at=at)
    _write(snapshot, _with(record, failed, one), _line(record, failed, PAYMENT_FAILED, None, deps), one, deps)


def write_lapsed(snapshot: Snapshot, one: Subscription, deps: Deps) -> None:
    """Take a subscription that ended before it was paid off the record that waits for it. Raises as ``write``."""
    record = cast("RecordState", snapshot.record)
    _write(snapshot, record.without_page(one.id), iter(()), one, deps)


def _write(  # noqa: PLR0913 - all that goes into one transaction
    snapshot: Snapshot,
    record: RecordState,
    history: Iterator[HistoryEntry],
    one: Subscription,
    deps: Deps,
    *,
    newest: LatestOperation | None = None,
) -> None:
    customer = snapshot.customer or CustomerState(one.customer_id)
    resource = snapshot.resource
    if resource is not None and one.has_ended:
        resource = resource.without(one.id)
    known = (replace(snapshot.subscription, latest=newest),) if newest and snapshot.subscription else ()
    changes = Changes(customer, resource=resource, records=(record,), history=tuple(history), subscriptions=known)
    deps.records.correct(changes, customer)


def _newest(one: Subscription, noticed_by: str | None, deps: Deps) -> LatestOperation:
    """Return what a change by hand counts as: as new as the end that it made, else as new as it was noticed.

    A request that was made from an older state does not undo it.
    """
    now = deps.clock.now()
    moment = one.end_date.timestamp() if one.has_ended and one.end_date else now
    return LatestOperation(noticed_by or CHANGED_OUTSIDE, 0, int(now), as_of=int(1000 * min(moment, now)))


def _with(record: RecordState, truth: MappedSubscription, one: Subscription) -> RecordState:
    """Return a record with what is true of one of its subscriptions; one that never starts is none."""
    if is_of(record.current, one):
        return replace(record, current=truth)
    if one.is_active:
        return replace(record, current=truth, upcoming=None)
    return replace(record, upcoming=None if one.has_ended else truth)


def _line(
    record: RecordState, truth: MappedSubscription, event: str | None, noticed_by: str | None, deps: Deps
) -> Iterator[HistoryEntry]:
    if event is None:
        return
    yield HistoryEntry(
        record.org_id,
        record.record_id,
        iso(deps.clock.now()),
        event,
        truth.subscription_id,
        noticed_by or truth.operation_key,
        replaced_by_subscription_id=truth.replaced_by,
    )


def _successor(one: Subscription, deps: Deps) -> str | None:
    """Return the one subscription of the customer that began on the resource when this one ended; None if unsure."""
    others = deps.stigg.live_subscriptions(one.customer_id)
    began = [other.id for other in others if other.resource_id == one.resource_id and _follows(other, one)]
    return began[0] if len(began) == 1 else None


def _follows(other: Subscription, one: Subscription) -> bool:
    return other.start_date is not None and one.end_date is not None and other.start_date >= one.end_date - AT_ONCE
