"""What is counted and priced within a subscription: add-ons, charges, price overrides, budget."""

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
    """An add-on and its quantity; the same add-on on several lines counts as their sum."""

    id: Annotated[StiggId, Field(description="Id of the add-on.")]
    quantity: Annotated[Whole, Field(ge=1, description="Quantity, a whole number from 1.")]


class Charge(Model):
    """The quantity of a priced feature or of a recurring credit price."""

    id: Annotated[StiggId, Field(description="Feature id, or the id of the credit currency.")]
    quantity: Annotated[Amount, Field(description="Quantity of the feature or credits.")]
    type: Annotated[
        Literal["FEATURE", "CREDIT"], Picklist, Field(description="FEATURE for a feature, CREDIT for credits.")
    ]


class Budget(Model):
    """A cap on spending."""

    limit: Annotated[Amount, Field(description="Most that may be spent.")]
    has_soft_limit: Annotated[Flag, Field(description="True: spending beyond the cap is not blocked.")]


class CreditRate(Model):
    """How many credits one unit costs."""

    amount: Annotated[Amount, Field(description="Credits for one unit.")]
    currency_id: Annotated[StiggId, Field(description="Id of the credit currency.")]
    cost_formula: Annotated[
        Text | None, Field(description="Formula by which the credits for one unit are reckoned.")
    ] = None


class PriceTier(Model):
    """One step of a tiered price."""

    up_to: Annotated[Amount | None, Field(description="Last unit of this tier. Left out for the last tier.")] = None
    unit_price: Annotated[Money | None, Field(description="Price of each unit in this tier.")] = None
    flat_price: Annotated[Money | None, Field(description="Price of the tier as a whole.")] = None


class PriceOverride(Model):
    """A price that differs from the catalog's, of the plan, of an add-on or of a feature."""

    base_charge: Annotated[
        Flag | None, Field(description="True: the base charge of the plan, or of the add-on in addonId.")
    ] = None
    addon_id: Annotated[StiggId | None, Field(description="Add-on whose price it is.")] = None
    feature_id: Annotated[StiggId | None, Field(description="Feature whose price it is.")] = None
    amount: Annotated[Amount | None, Field(description="New price in whole currency units.")] = None
    currency: Annotated[CurrencyCode | None, Field(description="Three-letter currency code of the new price.")] = None
    block_size: Annotated[Amount | None, Field(description="Units sold as one block.")] = None
    tiers: Annotated[
        list[PriceTier] | None, JsonText, Field(description="Steps of a tiered price, from the first unit on.")
    ] = None
    billing_country_code: Annotated[
        CountryCode | None, Field(description="Country that this price is for, such as US, or eu.")
    ] = None
    credit_rate: Annotated[CreditRate | None, Field(description="Credits that one unit costs.")] = None
    credit_grant_cadence: Annotated[
        Literal["BEGINNING_OF_BILLING_PERIOD", "MONTHLY"] | None,
        Picklist,
        Field(description="When credits are granted: BEGINNING_OF_BILLING_PERIOD or MONTHLY."),
    ] = None

    @model_validator(mode="after")
    def _is_a_price(self) -> Self:
        if (self.amount is None) != (self.currency is None):
            missing = "currency" if self.currency is None else "amount"
            raise field_problem(missing, "is required: amount and currency go together")
        if not self.base_charge and self.feature_id is None and self.addon_id is None:
            raise field_problem("baseCharge", "say which price it is: baseCharge true, addonId or featureId")
        if self.base_charge and self.amount is None:
            raise field_problem("amount", "is required, with currency, for a base charge")
        if self.amount is None and self.tiers is None and self.credit_rate is None:
            raise field_problem("amount", "give the new price: amount and currency, tiers or creditRate")
        return self


def refuse_excess(addons: Sequence[Addon]) -> None:
    """Raise if the lines of one add-on add up to more than one line may hold."""
    totals = _totals(addons)
    excessive = [name for name, total in totals.items() if total > LARGEST_WHOLE]
    if excessive:
        raise field_problem("addons", f"gives {', '.join(excessive)} in lines that add up to more than {LARGEST_WHOLE}")


def merge_addons(addons: Sequence[Addon]) -> list[Addon]:
    """Return each add-on once, with the quantities of its lines added up (Stigg refuses the same one twice)."""
    return [Addon(id=addon_id, quantity=total) for addon_id, total in _totals(addons).items()]


def refuse_duplicates(field: str, names: Sequence[tuple[str, str]]) -> None:
    """Raise if one feature or credit currency stands in a list twice: there is no telling which was meant."""
    twice = [name for (_, name), count in Counter(names).items() if count > 1]
    if twice:
        raise field_problem(field, f"gives {', '.join(twice)} more than once; give each id once")


def _totals(addons: Sequence[Addon]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for addon in addons:
        totals[addon.id] += addon.quantity
    return totals
