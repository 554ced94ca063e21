"""Provisioning a subscription: the request around its terms, and the answers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from stigg_actions.models.base import Answer, CustomerRequest, Model
from stigg_actions.models.terms import SubscriptionTerms, in_any_order
from stigg_actions.models.values import Email, Text


class CreateSubscription(SubscriptionTerms, CustomerRequest):
    """The request of create-subscription and of create-subscription-with-return-data."""

    customer_name: Annotated[
        Text | None, Field(description="Given: the customer is created or updated first, with this name.")
    ] = None
    customer_email: Annotated[
        Email | None, Field(description="Given: the customer is created or updated first, with this e-mail address.")
    ] = None

    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same one; in what order and in how many lines a list gives it does not matter."""
        canonical = {**super().canonical(), **self.terms()}
        canonical.pop("planBaseChargeOverride", None)  # it is the first of the price overrides
        return {name: value for name, value in in_any_order(canonical).items() if value != []}


class AddonQuantity(Model):
    """An add-on of a subscription and its quantity."""

    id: Annotated[str, Field(description="Add-on id.")]
    quantity: Annotated[Decimal, Field(description="Quantity.")]


class SubscriptionStatus(Answer):
    """The answer of create-subscription: whether it worked, and a payment page if one is needed."""

    outcome: Annotated[
        Literal["created", "replaced", "scheduled", "paymentRequired", "unchanged"],
        Field(
            description="created, replaced (an earlier subscription ended), scheduled (takes effect later), "
            "paymentRequired (nothing is active until checkoutUrl is paid) or unchanged (it was so already)."
        ),
    ]
    active: Annotated[bool, Field(description="True: the subscription is active or in trial now.")]
    checkout_url: Annotated[str | None, Field(description="Payment page, when payment is needed first.")] = None


class SubscriptionResult(SubscriptionStatus):
    """The answer of create-subscription-with-return-data: the subscription itself."""

    customer_id: Annotated[str, Field(description="Stigg customer id.")]
    customer_url: Annotated[str | None, Field(description="The customer in the Stigg app, where configured.")] = None
    subscription_id: Annotated[str, Field(description="Stigg subscription id.")]
    status: Annotated[
        str,
        Field(
            description="Status of the subscription: ACTIVE, IN_TRIAL, NOT_STARTED, PAYMENT_PENDING, CANCELED or "
            "EXPIRED; PAYMENT_REQUIRED while nothing is active because payment is needed first."
        ),
    ]
    plan_id: Annotated[str, Field(description="Stigg plan id.")]
    resource_id: Annotated[str | None, Field(description="Resource of the subscription.")] = None
    addons: Annotated[list[AddonQuantity], Field(description="Add-ons and their quantities.")]
    start_date: Annotated[datetime | None, Field(description="Start of the subscription.")] = None
    cancellation_date: Annotated[datetime | None, Field(description="Date on which it ends by itself.")] = None
    trial_end_date: Annotated[datetime | None, Field(description="Date on which its trial ends.")] = None
    replaced_subscription_id: Annotated[
        str | None, Field(description="Subscription that ended because this one took its place.")
    ] = None

    def without_data(self) -> SubscriptionStatus:
        """The same answer without the subscription."""
        return SubscriptionStatus.model_validate(self.model_dump(include=set(SubscriptionStatus.model_fields)))
