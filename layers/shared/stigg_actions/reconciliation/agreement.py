"""Whether a mapping agrees with its subscription in Stigg, and if not, whether somebody changed that by hand."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.clock import date_text, iso
from stigg_actions.storage.dates import with_dates_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import MappedSubscription, RecordState


def mapped_in(record: RecordState, subscription: Subscription) -> MappedSubscription | None:
    """Return what a record holds of a subscription that is its current or its upcoming one."""
    return next((one for one in (record.current, record.upcoming) if is_of(one, subscription)), None)


def is_of(mapped: MappedSubscription | None, subscription: Subscription) -> bool:
    """Whether a mapping is that of a subscription."""
    return mapped is not None and mapped.subscription_id == subscription.id


def as_in_stigg(mapped: MappedSubscription, one: Subscription) -> MappedSubscription:
    """Return a mapping as Stigg shows its subscription; a payment that failed is forgotten once nothing is owed."""
    failed_at = mapped.payment_failed_at if one.owes else None
    ended = date_text(one.end_date) if one.has_ended else None
    return replace(
        with_dates_of(mapped, one), plan_id=one.plan_id, status=one.status, end_date=ended, payment_failed_at=failed_at
    )


def agrees(mapped: MappedSubscription, one: Subscription) -> bool:
    """Whether a mapping says what Stigg shows. When it has ended is no matter: no write is told that."""
    return replace(as_in_stigg(mapped, one), end_date=mapped.end_date) == mapped


def changed_outside(record: RecordState, mapped: MappedSubscription, one: Subscription, *, now: float) -> bool:
    """Whether a subscription was changed by hand: it is not as it was left, nor what was set for it has come about."""
    if mapped.status != one.status:
        return not _was_due(record, mapped, one, now)
    truth = as_in_stigg(mapped, one)
    same_trial = mapped.trial_end_date == truth.trial_end_date or one.status != "IN_TRIAL"
    same_end = mapped.cancellation_date == truth.cancellation_date and same_trial
    return mapped.plan_id != one.plan_id or not (same_end or one.has_ended)


def _was_due(record: RecordState, mapped: MappedSubscription, one: Subscription, now: float) -> bool:
    """Whether a change of status is one that was set for a moment that has come, or that a payment brings."""
    if mapped.status == "PAYMENT_PENDING" and one.is_active:
        return True
    reached = max([iso(now), *filter(None, map(date_text, _moments_of(one)))]) if not one.has_ended else _end(one, now)
    return any(moment <= reached for moment in _moments_set(record, mapped))


def _moments_of(one: Subscription) -> Iterator[datetime | None]:
    """Return moments that have passed, as Stigg's clock shows: it may be ahead of this one."""
    yield one.current_billing_period_start
    yield one.start_date if one.is_active else None


def _end(one: Subscription, now: float) -> str:
    return date_text(one.end_date) or iso(now)


def _moments_set(record: RecordState, mapped: MappedSubscription) -> Iterator[str]:
    """Return the moments for which a change of status was set."""
    if mapped.cancellation_date is not None:
        yield mapped.cancellation_date
    if mapped.status == "IN_TRIAL" and mapped.trial_end_date is not None:
        yield mapped.trial_end_date
    if mapped.status == "NOT_STARTED":
        yield iso(mapped.starts_at or 0)
    follower = record.upcoming
    if follower is not None and follower != mapped and follower.starts_at is not None:
        yield iso(follower.starts_at)
