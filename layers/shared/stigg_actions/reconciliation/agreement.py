"""Compare a mapping with its subscription in Stigg, and recognize changes that were made outside the actions."""

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
    """Return the record's mapping of a subscription that is its current or upcoming one."""
    return next((mapped for mapped in (record.current, record.upcoming) if is_of(mapped, subscription)), None)


def is_of(mapped: MappedSubscription | None, subscription: Subscription) -> bool:
    """Whether a mapping belongs to a subscription."""
    return mapped is not None and mapped.subscription_id == subscription.id


def as_in_stigg(mapped: MappedSubscription, subscription: Subscription) -> MappedSubscription:
    """Return a mapping updated from Stigg. A failed payment is removed once no invoice is owed."""
    failed_at = mapped.payment_failed_at if subscription.owes else None
    ended = date_text(subscription.end_date) if subscription.has_ended else None
    return replace(
        with_dates_of(mapped, subscription),
        plan_id=subscription.plan_id,
        status=subscription.status,
        end_date=ended,
        payment_failed_at=failed_at,
    )


def agrees(mapped: MappedSubscription, subscription: Subscription) -> bool:
    """Whether a mapping equals what Stigg shows, except for the end date, which no write records."""
    return replace(as_in_stigg(mapped, subscription), end_date=mapped.end_date) == mapped


def changed_outside(record: RecordState, mapped: MappedSubscription, subscription: Subscription, *, now: float) -> bool:
    """Whether a subscription was changed outside the actions: it differs, and no scheduled change explains it."""
    if mapped.status != subscription.status:
        return not _was_due(record, mapped, subscription, now)
    actual = as_in_stigg(mapped, subscription)
    same_trial = mapped.trial_end_date == actual.trial_end_date or subscription.status != "IN_TRIAL"
    same_end = mapped.cancellation_date == actual.cancellation_date and same_trial
    return mapped.plan_id != subscription.plan_id or not (same_end or subscription.has_ended)


def _was_due(record: RecordState, mapped: MappedSubscription, subscription: Subscription, now: float) -> bool:
    """Whether a change of status was scheduled for a time that has come, or follows a payment."""
    if mapped.status == "PAYMENT_PENDING" and subscription.is_active:
        return True
    reached = (
        max([iso(now), *filter(None, map(date_text, _moments_of(subscription)))])
        if not subscription.has_ended
        else _end(subscription, now)
    )
    return any(moment <= reached for moment in _moments_set(record, mapped))


def _moments_of(subscription: Subscription) -> Iterator[datetime | None]:
    """Yield times that have passed by Stigg's clock, which may be ahead of this one."""
    yield subscription.current_billing_period_start
    yield subscription.start_date if subscription.is_active else None


def _end(subscription: Subscription, now: float) -> str:
    return date_text(subscription.end_date) or iso(now)


def _moments_set(record: RecordState, mapped: MappedSubscription) -> Iterator[str]:
    """Yield the times for which a change of status was scheduled."""
    if mapped.cancellation_date is not None:
        yield mapped.cancellation_date
    if mapped.status == "IN_TRIAL" and mapped.trial_end_date is not None:
        yield mapped.trial_end_date
    if mapped.status == "NOT_STARTED":
        yield iso(mapped.starts_at or 0)
    follower = record.upcoming
    if follower is not None and follower != mapped and follower.starts_at is not None:
        yield iso(follower.starts_at)
