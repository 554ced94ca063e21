"""Which terms of a subscription a new one takes over, and in which form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.writes.standing_terms import UNKNOWN

if TYPE_CHECKING:
    from stigg_actions.writes.standing_terms import StandingTerms

CARRIED = (
    "planId", "resourceId", "billingPeriod", "addons", "charges", "unitQuantity", "entitlements", "priceOverrides",
    "minimumSpend", "budget", "paymentCollectionMethod", "appliedCoupon", "billingInformation", "billingCountryCode",
    "payingCustomerId", "salesforceId", "metadata",
)  # fmt: skip
"""What a replacement takes over; what was meant for the first start alone is left behind."""


IN_PLACE_ALONE = {"billingInformation": "couponId", "priceOverrides": "currencyId"}
"""What Stigg takes only when it amends: a part of the billing information, and prices of credits."""


def as_provisioned(name: str, value: Any) -> Any:  # noqa: ANN401 - any term
    """Return a term without what Stigg takes only when it amends."""
    match name:
        case "billingInformation":
            return {part: text for part, text in value.items() if part != IN_PLACE_ALONE[name]}
        case "priceOverrides":
            return [price for price in value if IN_PLACE_ALONE[name] not in price]
        case _:
            return value


def restorable(standing: StandingTerms) -> dict[str, Any]:
    """Return the terms of a subscription before its downgrade, as far as they are known."""
    values = {name: standing.value(name) for name in CARRIED if name != "metadata"}
    return {name: value for name, value in values.items() if value is not UNKNOWN and value not in (None, [])}
