"""Moving a subscription: to the newest version of its plan, to another resource, and to another customer."""

from datetime import datetime

from local.stigg_emulator.catalog import Json
from local.stigg_emulator.errors import Refusal
from local.stigg_emulator.events import subscription_event
from local.stigg_emulator.periods import current_period
from local.stigg_emulator.records import LIVE, FutureUpdate, Subscription
from local.stigg_emulator.views import subscription_view
from local.stigg_emulator.world import Call, World

MIGRATION = "MIGRATE_TO_LATEST"


def migrate(world: World, call: Call) -> Json:
    """POST /subscriptions/{id}/migrate: give a subscription the newest version of its plan, now or later."""
    subscription = _live(world, call)
    newest = world.catalog.plan(subscription.plan.id)
    if subscription.plan.version == newest.version:
        raise Refusal("SubscriptionAlreadyOnLatestPlanError", f"Subscription {call.id} has version {newest.version}")
    if call.body.get("subscriptionMigrationTime") == "END_OF_BILLING_PERIOD":
        if any(update.kind == MIGRATION for update in subscription.future_updates):
            raise Refusal("ScheduledMigrationAlreadyExistsError", f"Subscription {call.id} has a scheduled migration")
        subscription.future_updates.append(FutureUpdate(_end_of_period(world, subscription), MIGRATION))
        world.remind(subscription)
    else:
        subscription.plan = newest
        subscription.future_updates = [item for item in subscription.future_updates if item.kind != MIGRATION]
    return _changed(world, subscription)


def transfer(world: World, call: Call) -> Json:
    """POST /subscriptions/{id}/transfer: move a subscription to another, free resource of its customer."""
    subscription, resource = _live(world, call), call.body["destinationResourceId"]
    _check_free(world, subscription, (subscription.customer_id, resource, subscription.plan.product.id))
    subscription.sent["resourceId"] = resource
    return _changed(world, subscription)


def delegate(world: World, call: Call) -> Json:
    """POST /subscriptions/{id}/delegate: move a subscription to another customer, where its place must be free.

    The customer that pays for it stays the same.
    """
    subscription, customer = _live(world, call), world.open_customer(call.body["targetCustomerId"])
    _check_free(world, subscription, (customer.id, *subscription.slot[1:]))
    subscription.sent.setdefault("payingCustomerId", subscription.customer_id)
    subscription.customer_id = customer.id
    return _changed(world, subscription)


def _live(world: World, call: Call) -> Subscription:
    subscription = world.subscription(call.id)
    if subscription.status not in LIVE:
        raise Refusal("InvalidSubscriptionStatus", f"Subscription {call.id} is {subscription.status}")
    return subscription


def _check_free(world: World, subscription: Subscription, wanted: tuple[str, str | None, str]) -> None:
    customer_id, resource, _ = wanted
    others = [other for other in world.subscriptions_of(customer_id) if other is not subscription]
    if any(other.slot == wanted for other in others):
        place = f"Resource {resource}" if resource else f"Customer {customer_id}"
        raise Refusal("TooManySubscriptionsPerCustomer", f"{place} already has a subscription")


def _end_of_period(world: World, subscription: Subscription) -> datetime:
    period = current_period(subscription, world.now)
    if period is None:
        raise Refusal("SubscriptionDoesNotHaveBillingPeriod", f"Subscription {subscription.id} has no billing period")
    return period[1]


def _changed(world: World, subscription: Subscription) -> Json:
    subscription_event(world, "updated", subscription)
    return {"data": subscription_view(world, subscription)}
