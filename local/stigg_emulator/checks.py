"""Whether what a caller wants to sell exists and fits the plan: Stigg's business rules on a subscription's parts."""

from collections import Counter

from local.stigg_emulator.catalog import Catalog, Json, Plan
from local.stigg_emulator.coupons import check_coupon
from local.stigg_emulator.errors import Refusal, bad_input

RESET_CONFIGURATIONS = {
    "monthlyResetPeriodConfiguration": "MONTH",
    "weeklyResetPeriodConfiguration": "WEEK",
    "yearlyResetPeriodConfiguration": "YEAR",
}


def check_parts(catalog: Catalog, plan: Plan, body: Json) -> None:
    """Refuse add-ons, charges, entitlements, price overrides and coupons that do not exist or do not fit."""
    check_addons(catalog, plan, body.get("addons", []))
    for charge in body.get("charges", []):
        check_known(catalog, charge)
    for entitlement in body.get("entitlements", []):
        check_entitlement(catalog, entitlement)
    for override in body.get("priceOverrides", []):
        check_price_override(catalog, override)
    check_coupon(catalog, body.get("appliedCoupon", {}))
    if "promotionCode" in body:
        raise Refusal("PromotionCodeNotFound", f"Promotion code not found: {body['promotionCode']}")


def check_addons(catalog: Catalog, plan: Plan, addons: list[Json]) -> None:
    """Refuse add-ons that are unknown, repeated, of another plan, or too many."""
    counted = Counter(addon["id"] for addon in addons)
    repeated = [addon_id for addon_id, count in counted.items() if count > 1]
    if repeated:
        raise Refusal("DuplicateAddonProvisionedError", f"Addon provisioned more than once: {', '.join(repeated)}")
    for addon in addons:
        check_addon(catalog, plan, addon["id"], addon["quantity"])


def check_addon(catalog: Catalog, plan: Plan, addon_id: str, quantity: int) -> None:
    """Refuse one add-on that is unknown, of another plan, or too many."""
    if addon_id not in catalog.addons:
        raise Refusal("AddonNotFound", f"Addon not found: {addon_id}")
    if addon_id not in plan.addon_ids:
        raise Refusal("IncompatibleSubscriptionAddon", f"Addon {addon_id} is not compatible with plan {plan.id}")
    if quantity < 1:
        raise Refusal("InvalidQuantity", f"Quantity of addon {addon_id} must be at least 1")
    most = catalog.addons[addon_id].max_quantity
    if quantity > most:
        raise Refusal("AddonQuantityExceedsLimitError", f"Addon {addon_id} is limited to {most}")


def check_known(catalog: Catalog, item: Json) -> None:
    """Refuse a feature or a credit currency that the catalog does not have."""
    if item["type"] == "FEATURE":
        check_feature(catalog, item["id"])
    else:
        check_credit_currency(catalog, item["id"])


def check_feature(catalog: Catalog, feature_id: str) -> None:
    """Refuse an unknown feature."""
    if feature_id not in catalog.features:
        raise Refusal("FeatureNotFound", f"Feature not found: {feature_id}")


def check_credit_currency(catalog: Catalog, currency_id: str) -> None:
    """Refuse an unknown credit currency."""
    if currency_id not in catalog.credit_currencies:
        raise Refusal("CustomCurrencyNotFound", f"Custom currency not found: {currency_id}")


def check_entitlement(catalog: Catalog, entitlement: Json) -> None:
    """Refuse an entitlement to something unknown, or one whose reset settings belong to another reset period."""
    check_known(catalog, entitlement)
    for name, period in RESET_CONFIGURATIONS.items():
        if entitlement.get(name) is not None and entitlement.get("resetPeriod") != period:
            raise Refusal("InvalidEntitlementResetPeriod", f"{name} needs resetPeriod {period}")


def check_price_override(catalog: Catalog, override: Json) -> None:
    """Refuse an override that names no price, an unknown one, or an amount without its currency."""
    if not any(override.get(name) for name in ("baseCharge", "featureId", "addonId", "currencyId", "creditRate")):
        raise bad_input("a price override needs baseCharge, featureId or addonId")
    if "amount" in override and "currency" not in override:
        raise bad_input("a price override with an amount needs a currency")
    if override.get("featureId"):
        check_feature(catalog, override["featureId"])
    if override.get("addonId") and override["addonId"] not in catalog.addons:
        raise Refusal("AddonNotFound", f"Addon not found: {override['addonId']}")


def check_billing_period(plan: Plan, body: Json) -> None:
    """Refuse a paid plan without its billing period."""
    if plan.pricing_type == "PAID" and "billingPeriod" not in body:
        raise Refusal("BillingPeriodMissingError", f"Billing period is required for paid plan {plan.id}")


def check_resource(plan: Plan, body: Json) -> None:
    """Refuse a plan that a customer may hold several times without the resource id that tells them apart."""
    if plan.product.several_per_customer and not body.get("resourceId"):
        raise Refusal("CustomerResourceNotFound", f"A resourceId is required for product {plan.product.id}")
