"""Asking what a subscription would cost, what it would replace, and what stands in its way."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from stigg_actions.models.base import ActionRequest, Answer, CustomerReference, Model
from stigg_actions.models.terms import SubscriptionTerms
from stigg_actions.models.values import Amount, JsonText, StiggId


class BillableFeature(Model):
    """A feature that is paid by quantity, and how much of it."""

    feature_id: Annotated[StiggId, Field(description="Id of the feature that is paid for.")]
    quantity: Annotated[Amount, Field(description="Quantity to reckon with.")]


class PreviewSubscription(SubscriptionTerms, CustomerReference, ActionRequest):
    """The request of preview-subscription: what create-subscription would be asked for."""

    billable_features: Annotated[
        list[BillableFeature] | None,
        JsonText,
        Field(description="Features that are paid by quantity, and the quantities to reckon with."),
    ] = None

    def asked(self) -> dict[str, object]:
        """The body of Stigg's POST /api/v1/subscriptions with what only its preview takes; without the customer."""
        return {**self.terms(), **self.wire(include={"billable_features"})}


class Blocker(Model):
    """What stands in the way."""

    code: Annotated[str, Field(description="The errorCode that the subscription would be refused with.")]
    message: Annotated[str, Field(description="What is the matter and what to do, for people.")]


class PriceLine(Model):
    """One line of a price."""

    description: Annotated[str | None, Field(description="What this line is for.")] = None
    quantity: Annotated[Decimal | None, Field(description="Quantity of this line.")] = None
    unit_price: Annotated[Decimal | None, Field(description="Price of one, in whole currency units.")] = None
    sub_total: Annotated[Decimal | None, Field(description="Price of all, in whole currency units.")] = None
    currency: Annotated[str | None, Field(description="Currency of this line.")] = None


class Price(Model):
    """What a subscription would cost, in whole currency units; all of it is absent where Stigg gives no price."""

    immediate_total: Annotated[Decimal | None, Field(description="To be paid at once, all in all.")] = None
    immediate_sub_total: Annotated[
        Decimal | None, Field(description="To be paid at once, before discount and tax.")
    ] = None
    immediate_discount: Annotated[Decimal | None, Field(description="Discount in immediateTotal.")] = None
    immediate_tax: Annotated[Decimal | None, Field(description="Tax in immediateTotal.")] = None
    immediate_currency: Annotated[str | None, Field(description="Currency of immediateTotal.")] = None
    immediate_lines: Annotated[list[PriceLine] | None, Field(description="Lines that immediateTotal is made of.")] = (
        None
    )
    recurring_total: Annotated[Decimal | None, Field(description="To be paid each billing period, all in all.")] = None
    recurring_sub_total: Annotated[
        Decimal | None, Field(description="To be paid each billing period, before discount and tax.")
    ] = None
    recurring_discount: Annotated[Decimal | None, Field(description="Discount in recurringTotal.")] = None
    recurring_tax: Annotated[Decimal | None, Field(description="Tax in recurringTotal.")] = None
    recurring_currency: Annotated[str | None, Field(description="Currency of recurringTotal.")] = None
    recurring_lines: Annotated[list[PriceLine] | None, Field(description="Lines that recurringTotal is made of.")] = (
        None
    )
    billing_period_start: Annotated[datetime | None, Field(description="Start of the first billing period.")] = None
    billing_period_end: Annotated[datetime | None, Field(description="End of the first billing period.")] = None
    is_plan_downgrade: Annotated[
        bool | None, Field(description="True: to Stigg the change is a downgrade, which it may put off.")
    ] = None
    has_scheduled_updates: Annotated[
        bool | None, Field(description="True: changes of what runs now wait for their time.")
    ] = None


class Replaced(Model):
    """A subscription that would end because the new one takes its place."""

    subscription_id: Annotated[str, Field(description="Stigg subscription id.")]
    plan_id: Annotated[str, Field(description="Stigg plan id.")]
    salesforce_record_id: Annotated[str | None, Field(description="Record that it was provisioned for.")] = None
    status: Annotated[str, Field(description="ACTIVE, IN_TRIAL or PAYMENT_PENDING.")]
    ends_at: Annotated[datetime | None, Field(description="Date on which it would end by itself.")] = None


class PreviewedSubscription(Price, Answer):
    """The answer of preview-subscription."""

    outcome: Annotated[Literal["previewed"], Field(description="previewed: nothing was changed.")]
    possible: Annotated[bool, Field(description="True: nothing is known to stand in the way.")]
    blockers: Annotated[list[Blocker], Field(description="What stands in the way.")]
    replaces: Annotated[list[Replaced], Field(description="Subscriptions that would end, because this one begins.")]
    not_priced: Annotated[
        list[str], Field(description="Fields of the request that Stigg does not take into account in its prices.")
    ]
