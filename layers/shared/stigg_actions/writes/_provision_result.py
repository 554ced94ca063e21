"""Build the result of a write that provisions a subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.charges import merge_addons
from stigg_actions.models.create_subscription import CreateSubscription, SubscriptionResult
from stigg_actions.subscriptions.response_fields import drop_none, subscription_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.stigg.schemas import Provisioned, Subscription

PAYMENT_REQUIRED = "PAYMENT_REQUIRED"

HIDDEN = ("appliedCoupon", "charges", "entitlements", "minimumSpend", "priceOverrides")
"""The terms that Stigg does not return, or not as they were sent: they cannot be compared."""

NO_PAGE = (
    "Stigg requires a payment first and created no payment page. Send the request with checkoutOptions to get a page, "
    "send it with paymentCollectionMethod INVOICE or NONE, or send it again after the customer has a payment method."
)
"""What a caller can do about a payment for which Stigg made no page."""


def answer_for(
    subscription: Subscription,
    *,
    outcome: str,
    customer_url: str | None,
    replaced: str | None = None,
    checkout_url: str | None = None,
) -> SubscriptionResult:
    """Return the result for a subscription that exists in Stigg, without fields that are empty."""
    optional = {
        "customer_url": customer_url,
        "replaced_subscription_id": replaced,
        "checkout_url": checkout_url,
    }
    return SubscriptionResult.model_validate(
        {"outcome": outcome, **subscription_data(subscription), **drop_none(optional)}
    )


def awaiting_payment(
    provisioned: Provisioned, terms: Mapping[str, Any], customer_id: str, customer_url: str | None
) -> SubscriptionResult:
    """Return the result for a subscription that awaits payment: the requested terms, not active."""
    optional = {
        "customer_url": customer_url,
        "resource_id": terms.get("resourceId"),
        "checkout_url": provisioned.checkout_url,
        "what_to_do": None if provisioned.checkout_url else NO_PAGE,
    }
    return SubscriptionResult.model_validate(
        {
            "outcome": "paymentRequired",
            "active": False,
            "customer_id": customer_id,
            "subscription_id": provisioned.id,
            "status": PAYMENT_REQUIRED,
            "plan_id": terms["planId"],
            "addons": terms.get("addons", []),
            **drop_none(optional),
        }
    )


def is_as_asked(subscription: Subscription, request: CreateSubscription) -> bool:
    """Whether a live subscription has the requested plan, resource, add-ons and cancellation date."""
    wanted_addons = {addon.id: addon.quantity for addon in merge_addons(request.addons or [])}
    return (
        subscription.plan_id == request.plan_id
        and subscription.resource_id == request.resource_id
        and {addon.id: addon.quantity for addon in subscription.addons} == wanted_addons
        and subscription.cancellation_date == request.cancellation_date
    )
