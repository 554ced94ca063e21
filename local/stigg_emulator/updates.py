"""PATCH /subscriptions/{id}: fields that are absent stay; a list or an object that is present replaces the old one."""

from datetime import datetime

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.checks import check_parts
from local.stigg_emulator.coupons import applied_at
from local.stigg_emulator.errors import Refusal, bad_input
from local.stigg_emulator.events import subscription_event
from local.stigg_emulator.provision import strategic_moment
from local.stigg_emulator.records import LIVE, FutureUpdate, Subscription
from local.stigg_emulator.views import subscription_view
from local.stigg_emulator.world import Call, World

# The changes that can wait, with the kind of schedule that Stigg reports for each.
KINDS = {
    "addons": "ADDON",
    "appliedCoupon": "COUPON",
    "billingPeriod": "BILLING_PERIOD",
    "charges": "UNIT_AMOUNT",
    "priceOverrides": "PRICE_OVERRIDE",
}
# Words about how to change, or dates that are fields of their own.
NOT_KEPT = frozenset(
    {"awaitPaymentConfirmation", "billingCycleAnchor", "cancellationDate", "scheduleStrategy", "trialEndDate"},
)


def update(world: World, call: Call) -> Json:
    """PATCH /subscriptions/{id}: amend a live subscription, now or by its schedule strategy."""
    subscription, body = world.subscription(call.id), call.body
    if subscription.status not in LIVE:
        raise Refusal("InvalidSubscriptionStatus", f"Subscription {call.id} is {subscription.status}")
    check_parts(world.catalog, subscription.plan, body)
    _check_dates(world, subscription, body)
    package = {name: body[name] for name in KINDS if name in body}
    waiting = _waiting(world, subscription, body, package)
    _withdraw(subscription, package)
    subscription.future_updates += waiting
    now = {key: body[key] for key in body.keys() - package.keys()} if waiting else body
    apply_changes(subscription, now, world.now)
    if body.get("billingCycleAnchor") == "NOW":
        subscription.anchor = world.now
    world.remind(subscription)
    subscription_event(world, "updated", subscription)
    return {"data": subscription_view(world, subscription)}


def apply_changes(subscription: Subscription, changes: Json, moment: datetime) -> None:
    """Put changed fields into a subscription, from a moment on."""
    subscription.sent.update({name: value for name, value in changes.items() if name not in NOT_KEPT})
    if "appliedCoupon" in changes:
        subscription.coupon_since = applied_at(changes["appliedCoupon"], moment)
    if "cancellationDate" in changes:
        subscription.cancellation_date = clock.read_optional(changes["cancellationDate"])
    if "trialEndDate" in changes:
        subscription.trial_end = subscription.anchor = clock.read(changes["trialEndDate"])


def settle_payment(world: World, subscription: Subscription) -> None:
    """Apply the changes that waited for a payment which has now been made."""
    paid = [item for item in subscription.future_updates if item.status == "PENDING_PAYMENT"]
    for update_ in paid:
        apply_changes(subscription, update_.changes, world.now)
        subscription.future_updates.remove(update_)


def _check_dates(world: World, subscription: Subscription, body: Json) -> None:
    cancellation = clock.read_optional(body.get("cancellationDate"))
    if cancellation is not None and cancellation <= max(world.now, subscription.start):
        raise Refusal("InvalidCancellationDate", "cancellationDate must be after the start and in the future")
    if "trialEndDate" not in body:
        return
    if subscription.status != "IN_TRIAL":
        raise Refusal("InvalidSubscriptionStatus", f"Subscription {subscription.id} is not in trial")
    if clock.read(body["trialEndDate"]) <= world.now:
        raise bad_input("trialEndDate must be in the future")


def _waiting(world: World, subscription: Subscription, body: Json, package: Json) -> list[FutureUpdate]:
    """Say which changes must wait, until when and why; none when all can be made now."""
    moment = strategic_moment(world, subscription, body.get("scheduleStrategy", "IMMEDIATE"))
    if moment > world.now:
        return _future(package, moment, "SCHEDULED")
    return _future(package, moment, "PENDING_PAYMENT") if _payment_fails(world, subscription) else []


def _future(package: Json, moment: datetime, status: str) -> list[FutureUpdate]:
    return [FutureUpdate(moment, KINDS[name], status, {name: value}) for name, value in package.items()]


def _payment_fails(world: World, subscription: Subscription) -> bool:
    charged = subscription.plan.pricing_type == "PAID" and subscription.collection_method == "CHARGE"
    can_be_charged = world.customers[subscription.customer_id].can_be_charged
    return charged and subscription.status == "ACTIVE" and not can_be_charged


def _withdraw(subscription: Subscription, package: Json) -> None:
    """Let a new change of the package override those that still wait."""
    if package:
        subscription.future_updates = [item for item in subscription.future_updates if item.successor_id]
