"""Reading plans of the catalog."""

from datetime import UTC, datetime

from local.stigg_emulator.catalog import Json, Plan
from local.stigg_emulator.clock import write
from local.stigg_emulator.errors import Refusal
from local.stigg_emulator.world import Call, World

MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""A catalog file has no dates."""


def get_plan(world: World, call: Call) -> Json:
    """GET /plans/{id}."""
    if call.id not in world.catalog.plans:
        raise Refusal("PlanNotFound", f"Plan not found: {call.id}", 404)
    return {"data": _view(world.catalog.plans[call.id])}


def _view(plan: Plan) -> Json:
    return {
        "id": plan.id,
        "billingId": None,
        "compatibleAddonIds": sorted(plan.addon_ids),
        "createdAt": write(MADE),
        "defaultTrialConfig": None,
        "description": None,
        "displayName": plan.name,
        "entitlements": [{"id": item["id"], "type": item["type"]} for item in plan.entitlements],
        "isLatest": True,
        "metadata": {},
        "parentPlanId": None,
        "pricingType": plan.pricing_type,
        "productId": plan.product.id,
        "status": "PUBLISHED",
        "updatedAt": write(MADE),
        "versionNumber": 1,
    }
