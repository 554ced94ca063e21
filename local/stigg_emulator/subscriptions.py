"""Reading subscriptions, and withdrawing changes that wait."""

from functools import partial

from local.stigg_emulator.catalog import Json
from local.stigg_emulator.errors import Refusal
from local.stigg_emulator.events import subscription_event
from local.stigg_emulator.paging import choices, created_filter, page
from local.stigg_emulator.records import Subscription
from local.stigg_emulator.replacement import close
from local.stigg_emulator.shapes import queries
from local.stigg_emulator.views import listed_subscription_view, subscription_view
from local.stigg_emulator.world import Call, World


def get_subscription(world: World, call: Call) -> Json:
    """GET /subscriptions/{id}."""
    return {"data": subscription_view(world, world.subscription(call.id))}


def list_subscriptions(world: World, call: Call) -> Json:
    """GET /subscriptions: oldest first, filtered; items come without their entitlements."""
    statuses = choices(call.query, "status", queries.STATUSES)
    pricing = choices(call.query, "pricingType", queries.PRICING_TYPES)
    in_time = created_filter(call.query)
    found = [
        subscription
        for subscription in world.subscriptions.values()
        if in_time(subscription.created_at)
        and _matches(subscription, call.query)
        and (not statuses or subscription.status in statuses)
        and (not pricing or subscription.plan.pricing_type in pricing)
    ]
    return page(found, call.query, partial(listed_subscription_view, world))


def _matches(subscription: Subscription, query: dict[str, str]) -> bool:
    values = {
        "customerId": subscription.customer_id,
        "planId": subscription.plan.id,
        "resourceId": subscription.sent.get("resourceId"),
    }
    wanted = values.keys() & query.keys()
    return all(query[name] == values[name] for name in wanted)


def drop_scheduled(world: World, call: Call) -> Json:
    """DELETE /subscriptions/{id}/future-update/schedule: withdraw scheduled changes and a scheduled successor."""
    return _drop(world, call.id, "SCHEDULED")


def drop_pending_payment(world: World, call: Call) -> Json:
    """DELETE /subscriptions/{id}/future-update/pending-payment: withdraw changes or a page that await payment."""
    page = world.checkouts.get(call.id)
    if page is not None and page.expires_at > world.now:
        del world.checkouts[call.id]
        return {"data": {"id": call.id}}
    return _drop(world, call.id, "PENDING_PAYMENT")


def _drop(world: World, subscription_id: str, status: str) -> Json:
    subscription = world.subscription(subscription_id)
    dropped = [item for item in subscription.future_updates if item.status == status]
    if not dropped:
        raise Refusal("FutureUpdateNotFound", f"Subscription {subscription_id} has no {status} update", 404)
    for item in dropped:
        if item.successor_id is not None:
            close(world, world.subscriptions[item.successor_id], "Immediate")
    subscription.future_updates = [item for item in subscription.future_updates if item.status != status]
    subscription_event(world, "updated", subscription)
    return {"data": {"id": subscription_id}}
