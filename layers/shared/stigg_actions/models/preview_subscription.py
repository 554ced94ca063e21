"""The request and the answer of preview-subscription."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from stigg_actions.models.base import ActionRequest, Answer, CustomerReference, Model
from stigg_actions.models.terms import FullTerms, PlanChoice
from stigg_actions.models.values import Amount, JsonText, StiggId


class BillableFeature(Model):
    """A feature that is paid by quantity, and the quantity."""

    feature_id: StiggId
    """Id of the feature that is paid for."""
    quantity: Amount
    """Quantity for which to calculate the price."""


class PreviewSubscription(FullTerms, PlanChoice, CustomerReference, ActionRequest):
    """The request of preview-subscription: the terms that create-subscription would get."""

    billable_features: Annotated[list[BillableFeature] | None, JsonText] = None
    """Features that are paid by quantity, with the quantities for which to calculate the price."""

    def asked(self) -> dict[str, object]:
        """Return the body of Stigg's POST /api/v1/subscriptions/preview without the customer."""
        return {**self.terms(), **self.to_json_fields(include={"billable_features"})}


class Blocker(Model):
    """A reason why a request would be refused."""

    code: str
    """errorCode with which the request would be refused."""
    message: str
    """The problem and what to do about it."""


class PriceLine(Model):
    """One line of a price."""

    description: str | None = None
    """What this line is for."""
    quantity: Decimal | None = None
    """Quantity of this line."""
    unit_price: Decimal | None = None
    """Price of one unit, in whole currency units."""
    sub_total: Decimal | None = None
    """Price of the whole quantity, in whole currency units."""
    currency: str | None = None
    """Currency of this line."""


class Price(Model):
    """The price of a subscription, in whole currency units. All fields are absent if Stigg gives no price."""

    immediate_total: Decimal | None = None
    """Total to be paid now."""
    immediate_sub_total: Decimal | None = None
    """Amount to be paid now, before discount and tax."""
    immediate_discount: Decimal | None = None
    """Discount in immediateTotal."""
    immediate_tax: Decimal | None = None
    """Tax in immediateTotal."""
    immediate_currency: str | None = None
    """Currency of immediateTotal."""
    immediate_lines: list[PriceLine] | None = None
    """Lines that immediateTotal is made of."""
    recurring_total: Decimal | None = None
    """Total to be paid each billing period."""
    recurring_sub_total: Decimal | None = None
    """Amount to be paid each billing period, before discount and tax."""
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
    """True: Stigg treats the change as a downgrade, which it may schedule for later."""
    has_scheduled_updates: bool | None = None
    """True: the present subscription has scheduled changes."""


class Replaced(Model):
    """A subscription that the new one would replace."""

    subscription_id: str
    """Stigg subscription id."""
    plan_id: str
    """Stigg plan id."""
    salesforce_record_id: str | None = None
    """Record that it was provisioned for."""
    status: str
    """ACTIVE, IN_TRIAL or PAYMENT_PENDING."""
    ends_at: datetime | None = None
    """Date on which it would end otherwise."""


class PreviewedSubscription(Price, Answer):
    """The answer of preview-subscription."""

    outcome: Literal["previewed"]
    """previewed: no change was made."""
    possible: bool
    """True: no reason is known why the request would be refused."""
    blockers: list[Blocker]
    """Reasons why the request would be refused."""
    replaces: list[Replaced]
    """Subscriptions that the new one would replace."""
    not_priced: list[str]
    """Fields of the request that Stigg's price calculation ignores."""
