"""Asking what a subscription would cost, what it would replace, and what stands in its way."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from stigg_actions.models.base import ActionRequest, Answer, CustomerReference, Model
from stigg_actions.models.terms import FullTerms, PlanChoice
from stigg_actions.models.values import Amount, JsonText, StiggId


class BillableFeature(Model):
    """A feature that is paid by quantity, and how much of it."""

    feature_id: StiggId
    """Id of the feature that is paid for."""
    quantity: Amount
    """Quantity to reckon with."""


class PreviewSubscription(FullTerms, PlanChoice, CustomerReference, ActionRequest):
    """The request of preview-subscription: what create-subscription would be asked for."""

    billable_features: Annotated[list[BillableFeature] | None, JsonText] = None
    """Features that are paid by quantity, and the quantities to reckon with."""

    def asked(self) -> dict[str, object]:
        """The body of Stigg's POST /api/v1/subscriptions with what only its preview takes; without the customer."""
        return {**self.terms(), **self.to_json_fields(include={"billable_features"})}


class Blocker(Model):
    """What stands in the way."""

    code: str
    """The errorCode that the subscription would be refused with."""
    message: str
    """What is the matter and what to do, for people."""


class PriceLine(Model):
    """One line of a price."""

    description: str | None = None
    """What this line is for."""
    quantity: Decimal | None = None
    """Quantity of this line."""
    unit_price: Decimal | None = None
    """Price of one, in whole currency units."""
    sub_total: Decimal | None = None
    """Price of all, in whole currency units."""
    currency: str | None = None
    """Currency of this line."""


class Price(Model):
    """What a subscription would cost, in whole currency units; all of it is absent where Stigg gives no price."""

    immediate_total: Decimal | None = None
    """To be paid at once, all in all."""
    immediate_sub_total: Decimal | None = None
    """To be paid at once, before discount and tax."""
    immediate_discount: Decimal | None = None
    """Discount in immediateTotal."""
    immediate_tax: Decimal | None = None
    """Tax in immediateTotal."""
    immediate_currency: str | None = None
    """Currency of immediateTotal."""
    immediate_lines: list[PriceLine] | None = None
    """Lines that immediateTotal is made of."""
    recurring_total: Decimal | None = None
    """To be paid each billing period, all in all."""
    recurring_sub_total: Decimal | None = None
    """To be paid each billing period, before discount and tax."""
    recurring_discount: Decimal | None = None
    """Discount in recurringTotal."""
    recurring_tax: Decimal | None = None
    """Tax in recurringTotal."""
    recurring_currency: str | None = None
    """Currency of recurringTotal."""
    recurring_lines: list[PriceLine] | None = None
    """Lines that recurringTotal is made of."""
    billing_period_start: datetime | None = None
    """Start of the first billing period."""
    billing_period_end: datetime | None = None
    """End of the first billing period."""
    is_plan_downgrade: bool | None = None
    """True: to Stigg the change is a downgrade, which it may put off."""
    has_scheduled_updates: bool | None = None
    """True: changes of what runs now wait for their time."""


class Replaced(Model):
    """A subscription that would end because the new one takes its place."""

    subscription_id: str
    """Stigg subscription id."""
    plan_id: str
    """Stigg plan id."""
    salesforce_record_id: str | None = None
    """Record that it was provisioned for."""
    status: str
    """ACTIVE, IN_TRIAL or PAYMENT_PENDING."""
    ends_at: datetime | None = None
    """Date on which it would end by itself."""


class PreviewedSubscription(Price, Answer):
    """The answer of preview-subscription."""

    outcome: Literal["previewed"]
    """previewed: nothing was changed."""
    possible: bool
    """True: nothing is known to stand in the way."""
    blockers: list[Blocker]
    """What stands in the way."""
    replaces: list[Replaced]
    """Subscriptions that would end, because this one begins."""
    not_priced: list[str]
    """Fields of the request that Stigg does not take into account in its prices."""
