"""A subscription as the answers tell it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from stigg_actions.models.base import Answer, Model


class AddonQuantity(Model):
    """An add-on of a subscription and its quantity."""

    id: Annotated[str, Field(description="Id of the add-on.")]
    quantity: Annotated[Decimal, Field(description="Quantity of the add-on.")]


class ScheduledChange(Model):
    """A change that is not in force yet."""

    change: Annotated[
        str,
        Field(
            description="What is to change, in Stigg's word: ADDON, BILLING_PERIOD, COUPON, DOWNGRADE, PLAN, "
            "PRICE_OVERRIDE, UNIT_AMOUNT, ..."
        ),
    ]
    status: Annotated[
        str, Field(description="SCHEDULED (waits for its time) or PENDING_PAYMENT (waits for a payment).")
    ]
    takes_effect_at: Annotated[datetime | None, Field(description="When it takes effect, if that is known.")] = None
    plan_id: Annotated[str | None, Field(description="Plan that it leads to, if it is a change of plan.")] = None


class SubscriptionIdentity(Model):
    """Which subscription, whose, and whether it is in force."""

    customer_id: Annotated[str, Field(description="Stigg customer id.")]
    subscription_id: Annotated[str, Field(description="Stigg subscription id.")]
    status: Annotated[
        str,
        Field(
            description="Status of the subscription: ACTIVE, IN_TRIAL, NOT_STARTED, PAYMENT_PENDING, CANCELED or "
            "EXPIRED; PAYMENT_REQUIRED while nothing is active because payment is needed first."
        ),
    ]
    active: Annotated[bool, Field(description="True: the subscription is active or in trial now.")]
    plan_id: Annotated[str, Field(description="Stigg plan id.")]


class SubscriptionData(SubscriptionIdentity):
    """A subscription as Stigg has it."""

    resource_id: Annotated[str | None, Field(description="Resource of the subscription.")] = None
    addons: Annotated[list[AddonQuantity], Field(description="Add-ons and their quantities.")]
    start_date: Annotated[datetime | None, Field(description="Start of the subscription.")] = None
    cancellation_date: Annotated[datetime | None, Field(description="Date on which it ends by itself.")] = None
    trial_end_date: Annotated[datetime | None, Field(description="Date on which its trial ends.")] = None


class SubscriptionAnswer(SubscriptionData, Answer):
    """An answer that tells of one subscription."""


class ProvisionedAnswer(SubscriptionAnswer):
    """An answer that tells of a subscription that may be new, and of what it replaced."""

    customer_url: Annotated[str | None, Field(description="The customer in the Stigg app, where configured.")] = None
    checkout_url: Annotated[str | None, Field(description="Payment page, when payment is needed first.")] = None
    replaced_subscription_id: Annotated[
        str | None, Field(description="Subscription that ended because this one took its place.")
    ] = None
