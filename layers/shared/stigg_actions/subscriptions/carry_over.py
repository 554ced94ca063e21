"""Which terms of a subscription a new one takes over, and in which form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.subscriptions.terms import UNKNOWN

if TYPE_CHECKING:
    from stigg_actions.subscriptions.terms import SubscriptionTerms

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


def restorable(terms: SubscriptionTerms, *, now: float) -> dict[str, Any]:
    """Return the terms of a subscription before its downgrade, as far as they are known, with its end if that is ahead.

    Stigg shows of one that has ended when it did, so its end by contract is what was last sent.
    """
    values = {name: terms.value(name) for name in CARRIED}
    values["metadata"] = {
        name: value for name, value in terms.current.metadata.items() if name not in RESERVED_METADATA
    }
    end = terms.remembered.get("cancellationDate")
    ahead = datetime.fromisoformat(end) if isinstance(end, str) else None
    if ahead is not None and ahead > datetime.fromtimestamp(now, UTC):
        values["cancellationDate"] = ahead
    return {name: value for name, value in values.items() if value is not UNKNOWN and value not in (None, [], {})}


def refuse_unknown_entitlements(terms: SubscriptionTerms) -> None:
    """Refuse to put a new subscription in the place of one of whose entitlements nobody knows how much they grant.

    Raises:
        RequestInvalid: naming them.
    """
    if terms.value("entitlements") is UNKNOWN:
        at_stake = ", ".join(sorted(terms.entitlement_names))
        told = f"Stigg does not tell how much this subscription grants of {at_stake}; give all that are to stay"
        raise RequestInvalid([Problem("entitlements", told)])
