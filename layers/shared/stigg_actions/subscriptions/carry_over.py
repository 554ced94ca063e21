"""Which terms of a subscription its replacement keeps, and in which form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.subscriptions.diff import differences, picture_of
from stigg_actions.subscriptions.terms import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.models.subscription_data import Change
    from stigg_actions.subscriptions.terms import SubscriptionTerms

CARRIED = (
    "planId", "resourceId", "billingPeriod", "addons", "charges", "unitQuantity", "entitlements", "priceOverrides",
    "minimumSpend", "budget", "paymentCollectionMethod", "appliedCoupon", "billingInformation", "billingCountryCode",
    "payingCustomerId", "salesforceId", "metadata",
)  # fmt: skip
"""The terms that a replacement keeps. Terms that concern only the first start are left out."""

FIXED = {
    "planId": "the plan",
    "startDate": "the start date",
    "unitQuantity": "the unit quantity",
    "trialOverrideConfiguration": "the trial",
    "paymentCollectionMethod": "the payment collection method",
    "billingCountryCode": "the billing country",
    "billingId": "the id at the billing provider",
    "payingCustomerId": "the paying customer",
}
"""The terms that Stigg accepts only for a new subscription, as the reasons name them."""

IN_PLACE_ALONE = {"billingInformation": "couponId", "priceOverrides": "currencyId"}
"""What Stigg accepts only in place: a coupon in the billing information, and prices of credits."""


def as_provisioned(name: str, value: Any) -> Any:  # noqa: ANN401 - any term
    """Return a term without the parts that Stigg accepts only in place."""
    match name:
        case "billingInformation":
            return {part: text for part, text in value.items() if part != IN_PLACE_ALONE[name]}
        case "priceOverrides":
            return [price for price in value if IN_PLACE_ALONE[name] not in price]
        case _:
            return value


def outlook_of(terms: SubscriptionTerms, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known terms with the wanted ones over them, as far as a new subscription could have them.

    That is enough for a price.
    """
    known = {name: value for name in CARRIED if (value := terms.value(name)) is not UNKNOWN}
    all_terms = {**known, **wanted}
    return {name: as_provisioned(name, value) for name, value in all_terms.items() if value not in (None, [], {})}


def changes_by_replacement(known: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return how the terms of a new subscription differ from those of the one that it replaces.

    The start counts only if it was requested.
    """
    compared = {*CARRIED, "cancellationDate", "startDate"} & {*known, *new}
    before = {name: value for name, value in known.items() if name in compared}
    started = {} if "startDate" in new else {"startDate": known.get("startDate")}
    return differences(picture_of(before), picture_of({**started, **new}))


def restorable(terms: SubscriptionTerms, *, now: float) -> dict[str, Any]:
    """Return the known terms of a subscription before its downgrade, with its end if that lies in the future.

    Stigg returns the actual end of an ended subscription, so its end by contract is the date that was last sent.
    """
    values = {name: terms.value(name) for name in CARRIED}
    values["metadata"] = {
        name: value for name, value in terms.current.metadata.items() if name not in RESERVED_METADATA
    }
    end = terms.remembered.get("cancellationDate")
    contract_end = datetime.fromisoformat(end) if isinstance(end, str) else None
    if contract_end is not None and contract_end > datetime.fromtimestamp(now, UTC):
        values["cancellationDate"] = contract_end
    return {name: value for name, value in values.items() if value is not UNKNOWN and value not in (None, [], {})}


def refuse_unknown_entitlements(terms: SubscriptionTerms) -> None:
    """Refuse to replace a subscription whose entitlement limits are unknown.

    Raises:
        RequestInvalid: the limits of the named entitlements are unknown.
    """
    if terms.value("entitlements") is UNKNOWN:
        names = ", ".join(sorted(terms.entitlement_names))
        problem = f"must be given, because Stigg does not return the limits of {names}; give all that are to stay"
        raise RequestInvalid([Problem("entitlements", problem)])
