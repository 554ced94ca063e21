"""Reading the catalog: plans, add-ons, features and credit currencies."""

from datetime import UTC, datetime

from local.stigg_emulator.catalog import Addon, Catalog, Json, Plan, Product
from local.stigg_emulator.clock import write
from local.stigg_emulator.errors import Refusal
from local.stigg_emulator.paging import choices, created_filter, page
from local.stigg_emulator.shapes import queries
from local.stigg_emulator.world import Call, World

MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""A catalog file has no dates."""


def get_plan(world: World, call: Call) -> Json:
    """GET /plans/{id}."""
    if call.id not in world.catalog.plans:
        raise Refusal("PlanNotFound", f"Plan not found: {call.id}", 404)
    return {"data": _plan(world.catalog.plans[call.id])}


def list_plans(world: World, call: Call) -> Json:
    """GET /plans, filtered. All plans of the catalog are published."""
    wanted = [plan for plan in world.catalog.plans.values() if _is_wanted(call, plan.product.id)]
    return page(wanted, call.query, _plan)


def list_addons(world: World, call: Call) -> Json:
    """GET /addons, filtered. All add-ons of the catalog are published."""
    products = {addon.id: _product(world.catalog, addon) for addon in world.catalog.addons.values()}
    wanted = [addon for addon in world.catalog.addons.values() if _is_wanted(call, products[addon.id].id)]
    return page(wanted, call.query, lambda addon: _addon(addon, products[addon.id]))


def list_features(world: World, call: Call) -> Json:
    """GET /features, filtered. All features of the catalog are active, and none is metered."""
    features = [_Feature(source) for source in world.catalog.features.values()]
    return page([feature for feature in features if feature.is_wanted(call)], call.query, _Feature.view)


def list_currencies(world: World, call: Call) -> Json:
    """GET /credits/custom-currencies, filtered. All currencies of the catalog are active."""
    statuses = choices(call.query, "status", queries.CURRENCY_STATUSES)
    is_wanted = not statuses or "ACTIVE" in statuses
    return page(
        [_Currency(source) for source in world.catalog.credit_currencies.values() if is_wanted],
        call.query,
        _Currency.view,
    )


class _Currency:
    """A credit currency of the catalog file."""

    def __init__(self, source: Json) -> None:
        self.id = str(source["id"])
        self._source = source

    def view(self) -> Json:
        """Return it as Stigg shows it."""
        return {
            "id": self.id,
            "displayName": self._source["displayName"],
            **_dates(),
            "archivedAt": None,
            "description": None,
            "metadata": {},
            "symbol": None,
            "units": {"plural": self._source["unitPlural"], "singular": self._source["unitSingular"]},
        }


class _Feature:
    """A feature of the catalog file."""

    def __init__(self, source: Json) -> None:
        self.id = str(source["id"])
        self._source = source

    def view(self) -> Json:
        """Return it as Stigg shows it."""
        return {
            **{name: self._source[name] for name in ("id", "displayName", "featureType")},
            **_dates(),
            "description": None,
            "enumConfiguration": None,
            "featureStatus": "ACTIVE",
            "featureUnits": None,
            "featureUnitsPlural": None,
            "metadata": {},
            "meter": None,
            "meterType": "None",
            "unitTransformation": None,
        }

    def is_wanted(self, call: Call) -> bool:
        """Whether the filters of a call let it pass."""
        shown = self.view()
        filters = {
            "featureStatus": choices(call.query, "status", queries.FEATURE_STATUSES),
            "featureType": choices(call.query, "featureType", queries.FEATURE_TYPES),
            "meterType": choices(call.query, "meterType", queries.METER_TYPES),
        }
        fits = all(not words or shown[name] in words for name, words in filters.items())
        return fits and created_filter(call.query)(MADE) and call.query.get("id", self.id) == self.id


def _is_wanted(call: Call, product_id: str) -> bool:
    statuses = choices(call.query, "status", queries.PACKAGE_STATUSES)
    is_published = not statuses or "PUBLISHED" in statuses
    is_of_product = call.query.get("productId", product_id) == product_id
    return is_published and is_of_product and created_filter(call.query)(MADE)


def _product(catalog: Catalog, addon: Addon) -> Product:
    """Return the product of an add-on: that of the first plan that takes it."""
    return next(plan.product for plan in catalog.plans.values() if addon.id in plan.addon_ids)


def _dates() -> Json:
    return {"createdAt": write(MADE), "updatedAt": write(MADE)}


def _package(package: Addon | Plan, product: Product, version: int = 1) -> Json:
    return {
        "id": package.id,
        **_dates(),
        "billingId": None,
        "description": None,
        "displayName": package.name,
        "isLatest": True,
        "metadata": {},
        "productId": product.id,
        "status": "PUBLISHED",
        "versionNumber": version,
    }


def _addon(addon: Addon, product: Product) -> Json:
    own: Json = {"dependencies": None, "entitlements": [], "maxQuantity": addon.max_quantity, "pricingType": "PAID"}
    return {**_package(addon, product), **own}


def _plan(plan: Plan) -> Json:
    return {
        **_package(plan, plan.product, plan.version),
        "compatibleAddonIds": sorted(plan.addon_ids),
        "defaultTrialConfig": None,
        "entitlements": [{"id": item["id"], "type": item["type"]} for item in plan.entitlements],
        "parentPlanId": None,
        "pricingType": plan.pricing_type,
    }
