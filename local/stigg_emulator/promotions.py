"""Promotional entitlements: granted, listed and revoked; one for a customer and a feature."""

from datetime import datetime, timedelta

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.checks import check_entitlement
from local.stigg_emulator.errors import Refusal, bad_input
from local.stigg_emulator.paging import choices, created_filter, page
from local.stigg_emulator.records import Promotion
from local.stigg_emulator.shapes.queries import PROMOTION_STATUSES
from local.stigg_emulator.views import promotion_view
from local.stigg_emulator.world import Call, World, new_id

_MONTHS = {"1 month": 1, "6 month": 6, "1 year": 12}


def grant_promotions(world: World, call: Call) -> Json:
    """POST /customers/{id}/promotional-entitlements: each takes the place of the customer's one for the feature."""
    world.customer(call.id, status=404)
    world.open_customer(call.id)
    asked = call.body["promotionalEntitlements"]
    if not asked:
        raise bad_input("promotionalEntitlements should not be empty")
    granted = [_drafted(world, call.id, item) for item in asked]
    world.promotions |= {(call.id, promotion.feature_id): promotion for promotion in granted}
    return {"data": [promotion_view(promotion, world.now) for promotion in granted]}


def list_promotions(world: World, call: Call) -> Json:
    """GET /customers/{id}/promotional-entitlements: those that have expired are still listed."""
    world.customer(call.id, status=404)
    statuses, in_time = choices(call.query, "status", PROMOTION_STATUSES), created_filter(call.query)
    found = [
        promotion
        for promotion in world.promotions.values()
        if promotion.customer_id == call.id
        and in_time(promotion.created_at)
        and (not statuses or promotion.status(world.now) in statuses)
    ]
    return page(found, call.query, lambda promotion: promotion_view(promotion, world.now))


def revoke_promotion(world: World, call: Call) -> Json:
    """DELETE /customers/{id}/promotional-entitlements/{featureId}: it is there no more."""
    world.customer(call.id, status=404)
    feature_id = call.path["featureId"]
    if feature_id not in world.catalog.features:
        raise Refusal("FeatureNotFound", f"Feature not found: {feature_id}", 404)
    promotion = world.promotions.pop((call.id, feature_id), None)
    if promotion is None:
        raise Refusal("PromotionalEntitlementNotFound", f"Promotional entitlement not found: {feature_id}", 404)
    return {"data": promotion_view(promotion, world.now)}


def _drafted(world: World, customer_id: str, asked: Json) -> Promotion:
    check_entitlement(world.catalog, {**asked, "type": "FEATURE", "id": asked["featureId"]})
    end = _end(asked, world.now)
    if end is not None and end <= world.now:
        raise bad_input("customEndDate must be in the future")
    before = world.promotions.get((customer_id, asked["featureId"]))
    return Promotion(
        id=before.id if before else new_id("promo"),
        customer_id=customer_id,
        sent=dict(asked),
        created_at=before.created_at if before else world.now,
        start=world.now,
        end=end,
    )


def _end(asked: Json, now: datetime) -> datetime | None:
    period, custom = asked["period"], clock.read_optional(asked["customEndDate"])
    if (period == "custom") != (custom is not None):
        raise bad_input("customEndDate is required with period custom, and only with that")
    if period == "1 week":
        return now + timedelta(days=7)
    return clock.add_months(now, _MONTHS[period]) if period in _MONTHS else custom
