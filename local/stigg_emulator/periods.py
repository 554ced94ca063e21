"""Billing periods, derived from a subscription's anchor and the time."""

from datetime import datetime

from local.stigg_emulator.clock import add_months
from local.stigg_emulator.records import Subscription

MONTHS = {"MONTHLY": 1, "ANNUALLY": 12}


def current_period(subscription: Subscription, now: datetime) -> tuple[datetime, datetime] | None:
    """Tell the billing period that the subscription is in, or was in when it ended; none if it is not billed."""
    if subscription.billing_period is None or subscription.is_trial:
        return None
    moment = min(now, subscription.end or now)
    return period_around(subscription.anchor, MONTHS[subscription.billing_period], moment)


def current_month(subscription: Subscription, now: datetime) -> tuple[datetime, datetime]:
    """Tell the billing month that the subscription is in, whatever its billing period."""
    return period_around(subscription.anchor, 1, now)


def period_around(anchor: datetime, months: int, moment: datetime) -> tuple[datetime, datetime]:
    """Find the period of so many months, counted from the anchor, that holds the moment."""
    passed = (moment.year - anchor.year) * 12 + moment.month - anchor.month
    index = max(passed // months, 0)
    # The day of the month may not have come yet: then the period before is still running.
    if index and add_months(anchor, index * months) > moment:
        index -= 1
    return add_months(anchor, index * months), add_months(anchor, (index + 1) * months)
