"""The quantities and prices of a subscription: add-ons, charges, price overrides, budget."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.billing import Money
from stigg_actions.models.values import (
    LARGEST_WHOLE,
    Amount,
    CountryCode,
    CurrencyCode,
    Flag,
    JsonText,
    Picklist,
    StiggId,
    Text,
    Whole,
)


class Addon(Model):
    """An add-on and its quantity. If an add-on is given several times, the quantities are added up."""

    id: StiggId
    """Id of the add-on."""
    quantity: Annotated[Whole, Field(ge=1)]
    """Quantity, a whole number from 1."""


class Charge(Model):
    """The quantity of a priced feature or of a recurring credit price."""

    id: StiggId
    """Feature id, or the id of the credit currency."""
    quantity: Amount
    """Quantity of the feature or credits."""
    type: Annotated[Literal["FEATURE", "CREDIT"], Picklist]
    """FEATURE for a feature, CREDIT for credits."""


class Budget(Model):
    """A cap on spending."""

    limit: Amount
    """Maximum that may be spent."""
    has_soft_limit: Flag
    """True: spending beyond the cap is not blocked."""


class CreditRate(Model):
    """How many credits one unit costs."""

    amount: Amount
    """Credits for one unit."""
    currency_id: StiggId
    """Id of the credit currency."""
    cost_formula: Text | None = None
    """Formula for the credits of one unit."""


class PriceTier(Model):
    """One step of a tiered price."""

    up_to: Amount | None = None
    """Last unit of this tier. Left out for the last tier."""
    unit_price: Money | None = None
    """Price of each unit in this tier."""
    flat_price: Money | None = None
    """Price of the tier as a whole."""


class PriceOverride(Model):
    """A price of the plan, an add-on or a feature that differs from the catalog's."""

    base_charge: Flag | None = None
    """True: the base charge of the plan, or of the add-on in addonId."""
    addon_id: StiggId | None = None
    """Add-on whose price it is."""
    feature_id: StiggId | None = None
    """Feature whose price it is."""
    amount: Amount | None = None
    """New price in whole currency units."""
    currency: CurrencyCode | None = None
    """Three-letter currency code of the new price."""
    block_size: Amount | None = None
    """Units sold as one block."""
    tiers: Annotated[list[PriceTier] | None, JsonText] = None
    """Steps of a tiered price, from the first unit on."""
    billing_country_code: CountryCode | None = None
    """Country that this price is for, such as US, or eu."""
    credit_rate: CreditRate | None = None
    """Credits that one unit costs."""
    credit_grant_cadence: Annotated[Literal["BEGINNING_OF_BILLING_PERIOD", "MONTHLY"] | None, Picklist] = None
    """When credits are granted: BEGINNING_OF_BILLING_PERIOD or MONTHLY."""

    @model_validator(mode="after")
    def _is_a_price(self) -> Self:
        if (self.amount is None) != (self.currency is None):
            missing = "currency" if self.currency is None else "amount"
            raise field_problem(missing, "is required: amount and currency go together")
        if not self.base_charge and self.feature_id is None and self.addon_id is None:
            raise field_problem("baseCharge", "name the price to override: give baseCharge true, addonId or featureId")
        if self.base_charge and self.amount is None:
            raise field_problem("amount", "is required, with currency, for a base charge")
        if self.amount is None and self.tiers is None and self.credit_rate is None:
            raise field_problem("amount", "give the new price: amount and currency, tiers or creditRate")
        return self


def refuse_excess(addons: Sequence[Addon]) -> None:
    """Refuse add-ons whose quantities add up to more than the largest whole number."""
    totals = _totals(addons)
    excessive = [name for name, total in totals.items() if total > LARGEST_WHOLE]
    if excessive:
        raise field_problem(
            "addons", f"gives {', '.join(excessive)} with quantities that add up to more than {LARGEST_WHOLE}"
        )


def merge_addons(addons: Sequence[Addon]) -> list[Addon]:
    """Return each add-on once, with its quantities added up: Stigg refuses an add-on that is given twice."""
    return [Addon(id=addon_id, quantity=total) for addon_id, total in _totals(addons).items()]


def refuse_duplicates(field: str, names: Sequence[tuple[str, str]]) -> None:
    """Refuse a list that gives a feature or credit currency twice: it is not clear which entry is meant."""
    twice = [name for (_, name), count in Counter(names).items() if count > 1]
    if twice:
        raise field_problem(field, f"gives {', '.join(twice)} more than once; give each id once")


def _totals(addons: Sequence[Addon]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for addon in addons:
        totals[addon.id] += addon.quantity
    return totals
