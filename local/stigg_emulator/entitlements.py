"""What customers may use: plans' entitlements, overridden by subscriptions, promotional ones, and granted credits."""

from local.stigg_emulator.catalog import Json
from local.stigg_emulator.clock import write
from local.stigg_emulator.records import RUNNING, Promotion, Subscription
from local.stigg_emulator.usage import Use, entitled_by, generosity, use_of
from local.stigg_emulator.world import Call, World


def granted_by(world: World, subscription: Subscription) -> list[Json]:
    """List what one subscription entitles to: the plan's entitlements with the subscription's own in their place."""
    return [_shown(world, subscription, item) for item in entitled_by(subscription).values()]


def list_entitlements(world: World, call: Call) -> Json:
    """GET /customers/{id}/entitlements: what the customer may use, of one resource or of none."""
    customer = world.customer(call.id, status=404)
    resource = call.query.get("resourceId")
    live = [
        subscription
        for subscription in world.subscriptions_of(customer.id)
        if subscription.status in RUNNING and subscription.sent.get("resourceId") == resource
    ]
    granted = {_identity(item): item for subscription in live for item in granted_by(world, subscription)}
    for promotion in world.promotions.values():
        if promotion.customer_id == customer.id and promotion.status(world.now) == "Active":
            _add_promotion(granted, _shown(world, promotion, promotion.entitlement))
    for item in _granted_credits(world, customer.id, resource):
        _add_credits(granted, item)
    denied = None if granted else "NoActiveSubscription"
    return {"data": {"entitlements": list(granted.values()), "accessDeniedReason": denied}}


def _shown(world: World, owner: Subscription | Promotion, item: Json) -> Json:
    if item["type"] == "CREDIT":
        return _credit(world, item["id"], item["amount"])
    return _feature(world, item, use_of(world, owner, item))


def _feature(world: World, item: Json, use: Use) -> Json:
    feature = world.catalog.features[item["id"]]
    start, end = use.period or (None, None)
    shown = {name: feature[name] for name in ("id", "displayName", "featureType")}
    return {
        "type": "FEATURE",
        "isGranted": True,
        "accessDeniedReason": None,
        "feature": {**shown, "featureStatus": "ACTIVE"},
        "usageLimit": item.get("usageLimit"),
        "hasUnlimitedUsage": bool(item.get("hasUnlimitedUsage")),
        "currentUsage": use.amount,
        "resetPeriod": item.get("resetPeriod"),
        "usagePeriodStart": write(start) if start else None,
        "usagePeriodEnd": write(end) if end else None,
    }


def _credit(world: World, currency_id: str, amount: float) -> Json:
    currency = world.catalog.credit_currencies[currency_id]
    shown = {name: currency.get(name) for name in ("displayName", "unitSingular", "unitPlural")}
    return {
        "type": "CREDIT",
        "isGranted": amount > 0,
        "accessDeniedReason": None,
        "currency": {"currencyId": currency_id, **shown},
        "usageLimit": amount,
        "currentUsage": 0,
        "reserved": 0,
        "usageUpdatedAt": write(world.now),
    }


def _granted_credits(world: World, customer_id: str, resource: str | None) -> list[Json]:
    return [
        {**_credit(world, grant.sent["currencyId"], grant.sent["amount"]), "currentUsage": grant.consumed}
        for grant in world.grants.values()
        if grant.sent["customerId"] == customer_id
        and grant.sent.get("resourceId") == resource
        and grant.status(world.now) == "ACTIVE"
    ]


def _identity(item: Json) -> str:
    return str(item["feature"]["id"] if item["type"] == "FEATURE" else item["currency"]["currencyId"])


def _add_promotion(granted: dict[str, Json], item: Json) -> None:
    """Let the more generous of two entitlements to a feature hold. Stigg documents none of this."""
    known = granted.setdefault(_identity(item), item)
    if generosity(item) > generosity(known):
        granted[_identity(item)] = item


def _add_credits(granted: dict[str, Json], item: Json) -> None:
    known = granted.setdefault(_identity(item), {**item, "usageLimit": 0, "currentUsage": 0})
    known["usageLimit"] += item["usageLimit"]
    known["currentUsage"] += item["currentUsage"]
