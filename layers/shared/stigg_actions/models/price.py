"""What a subscription would cost, and what stands in its way."""

from datetime import datetime
from decimal import Decimal

from stigg_actions.models.base import Model


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
