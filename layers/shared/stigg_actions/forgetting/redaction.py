"""What remains of stored data once its customer is forgotten: ids, outcomes, amounts and dates."""

from collections.abc import Mapping
from typing import Any

_KEPT = frozenset(
    {
        "success",
        "outcome",
        "correlationId",
        "replayed",
        "retryable",
        "errorCode",
        "stiggErrorCode",
        "customerId",
        "subscriptionId",
        "replacedSubscriptionId",
        "grantId",
        "salesforceRecordId",
        "salesforceLinked",
        "status",
        "active",
        "planId",
        "resourceId",
        "addons",
        "amount",
        "currencyId",
        "decision",
        "startDate",
        "cancellationDate",
        "trialEndDate",
        "effectiveAt",
        "expireAt",
        "supersededBy",
        "supersededAt",
        "whatToDo",
    }
)
"""Fields of answers and errors by which an effect is known; a repeat is answered with them."""

_PAYMENT_PAGES = frozenset({"checkoutUrl", "paymentUrl"})
"""Kept as long as a payment is awaited: Stigg does not show the address again."""

_EMPTIED = frozenset({"changes", "scheduledChanges", "reasons", "blockers", "details"})
"""Lists that every answer or error of their kind has, and whose texts may repeat the request."""

_PERSONAL_TERMS = frozenset({"billingInformation", "checkoutOptions", "metadata"})
"""Terms of a subscription with addresses, tax ids or texts of the caller's own."""

_WORDS_OF_DISCOUNTS = frozenset({"name", "description"})
"""What a caller wrote about a discount made for one customer."""


def answer_without_people(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action's answer, be it a success or an error, without names and texts."""
    fields = _KEPT | _PAYMENT_PAGES if answer.get("outcome") == "paymentRequired" else _KEPT
    kept = {name: value for name, value in answer.items() if name in fields}
    emptied: dict[str, Any] = {name: [] for name in answer if name in _EMPTIED}
    code = answer.get("errorCode")
    told = {"errorMessage": f"{code}: The details were removed by forget-customer."} if code else {}
    return {**kept, **emptied, **told}


def terms_without_people(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return a subscription's terms without those that hold personal data; a discount loses its words alone."""
    kept = {name: value for name, value in terms.items() if name not in _PERSONAL_TERMS}
    coupon = kept.get("appliedCoupon")
    if not isinstance(coupon, dict) or not isinstance(coupon.get("discount"), dict):
        return kept
    discount = {name: value for name, value in coupon["discount"].items() if name not in _WORDS_OF_DISCOUNTS}
    return {**kept, "appliedCoupon": {**coupon, "discount": discount}}
