"""POST /subscriptions/{id}/cancel: now, at the end of the billing period, or on a date."""

from datetime import datetime

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.errors import Refusal
from local.stigg_emulator.events import subscription_event
from local.stigg_emulator.periods import current_period
from local.stigg_emulator.records import LIVE, Subscription
from local.stigg_emulator.replacement import close
from local.stigg_emulator.views import subscription_view
from local.stigg_emulator.world import Call, World


def cancel(world: World, call: Call) -> Json:
    """POST /subscriptions/{id}/cancel: end a live subscription, or set the date on which it ends."""
    subscription = world.subscription(call.id)
    if subscription.status not in LIVE:
        raise Refusal("SubscriptionAlreadyCanceledOrExpired", f"Subscription {call.id} is {subscription.status}")
    moment = _moment(world, subscription, call.body)
    if moment is None:
        close(world, subscription, "Immediate")
    else:
        subscription.cancellation_date = moment
        world.remind(subscription)
        subscription_event(world, "updated", subscription)
    return {"data": subscription_view(world, subscription)}


def _moment(world: World, subscription: Subscription, body: Json) -> datetime | None:
    """Tell when to end; None means now. The period's end is the default wherever there is one."""
    time = body.get("cancellationTime", _default_time(subscription))
    if time == "IMMEDIATE":
        return None
    if subscription.is_trial:
        raise Refusal("TrialMustBeCancelledImmediately", f"Subscription {subscription.id} is a trial")
    if time == "SPECIFIC_DATE":
        return _specific_date(world, body)
    return _end_of_period(world, subscription)


def _default_time(subscription: Subscription) -> str:
    billed = subscription.plan.pricing_type == "PAID" and not subscription.is_trial
    return "END_OF_BILLING_PERIOD" if billed else "IMMEDIATE"


def _specific_date(world: World, body: Json) -> datetime:
    moment = clock.read_optional(body.get("endDate"))
    if moment is None or moment <= world.now:
        raise Refusal("InvalidCancellationDate", "endDate must be given with SPECIFIC_DATE and be in the future")
    return moment


def _end_of_period(world: World, subscription: Subscription) -> datetime:
    period = current_period(subscription, world.now)
    if period is None or subscription.plan.pricing_type == "CUSTOM":
        raise Refusal("SubscriptionDoesNotHaveBillingPeriod", f"Subscription {subscription.id} has no billing period")
    return period[1]
