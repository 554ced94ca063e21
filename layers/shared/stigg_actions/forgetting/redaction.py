"""Remove personal data from stored results and terms. Ids, outcomes, amounts and dates remain."""

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
        "releasedSubscriptionId",
        "previousCustomerId",
        "payingCustomerId",
        "previousRecordId",
        "grantId",
        "salesforceRecordId",
        "salesforceLinked",
        "status",
        "active",
        "planId",
        "resourceId",
        "addons",
        "amount",
        "consumedAmount",
        "currencyId",
        "featureId",
        "value",
        "currentUsage",
        "usagePeriodStart",
        "usagePeriodEnd",
        "decision",
        "startDate",
        "cancellationDate",
        "trialEndDate",
        "effectiveAt",
        "expireAt",
        "voidedAt",
        "period",
        "endDate",
        "usageLimit",
        "hasUnlimitedUsage",
        "hasSoftLimit",
        "resetPeriod",
        "previousPeriod",
        "previousEndDate",
        "previousUsageLimit",
        "previousHasUnlimitedUsage",
        "previousHasSoftLimit",
        "previousResetPeriod",
        "archived",
        "archivedAt",
        "canceledSegments",
        "canceledSubscriptionIds",
        "contractId",
        "billed",
        "state",
        "activationStartDate",
        "activationEndDate",
        "subscriptions",
        "removedSubscriptionIds",
        "replacedSubscriptionIds",
        "supersededBy",
        "supersededAt",
        "whatToDo",
        "dropped",
        "invoiceId",
        "invoiceStatus",
        "amountDue",
        "currency",
    }
)
"""Fields of answers and errors that identify an effect. A repeated request is answered with them."""

_PAYMENT_PAGES = frozenset({"checkoutUrl", "paymentUrl"})
"""Fields that are kept while a payment is awaited, because Stigg does not show the address again."""

_EMPTIED = frozenset({"changes", "scheduledChanges", "reasons", "blockers", "details"})
"""Lists that the answers require and whose texts may repeat the request. They are emptied."""

_PERSONAL_TERMS = frozenset({"billingInformation", "checkoutOptions", "metadata"})
"""Terms of a subscription that hold addresses, tax ids or the caller's own texts."""

_WORDS_OF_DISCOUNTS = frozenset({"name", "description"})
"""Texts of a discount that the caller wrote for one customer."""


def answer_without_people(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action's answer or error without names and texts."""
    fields = _KEPT | _PAYMENT_PAGES if answer.get("outcome") == "paymentRequired" else _KEPT
    kept = {name: value for name, value in answer.items() if name in fields}
    emptied: dict[str, Any] = {name: [] for name in answer if name in _EMPTIED}
    code = answer.get("errorCode")
    message = {"errorMessage": f"{code}: The details were removed by forget-customer."} if code else {}
    return {**kept, **emptied, **message}


def terms_without_people(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return a subscription's terms without personal data. A discount loses only its texts."""
    kept = {name: value for name, value in terms.items() if name not in _PERSONAL_TERMS}
    coupon = kept.get("appliedCoupon")
    if not isinstance(coupon, dict) or not isinstance(coupon.get("discount"), dict):
        return kept
    discount = {name: value for name, value in coupon["discount"].items() if name not in _WORDS_OF_DISCOUNTS}
    return {**kept, "appliedCoupon": {**coupon, "discount": discount}}
