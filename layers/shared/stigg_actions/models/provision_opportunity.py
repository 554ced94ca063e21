"""A whole opportunity to be provisioned: its account, its term, and its lines with the types of Stigg's own package."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from stigg_actions import moments
from stigg_actions.models.base import ActionRequest, Model, field_problem
from stigg_actions.models.billing import CheckoutOptions, PaymentCollectionMethod
from stigg_actions.models.values import (
    AccountId,
    Amount,
    CurrencyCode,
    CustomerId,
    Email,
    EndMoment,
    Flag,
    JsonText,
    Number,
    OpportunityId,
    Picklist,
    RecordId,
    StartOfMonths,
    StiggId,
    Text,
    Whole,
    choice,
)

MOST_LINES = 200
"""Lines of one opportunity: as many as Salesforce takes together."""

PLAN, ADDON, ENTITLEMENT, CREDITS = "Plan", "Add-on", "Entitlement", "Credit entitlement"
StiggType = Literal["Plan", "Add-on", "Entitlement", "Credit entitlement"]
CreditsAs = Literal["entitlement", "grant"]

_CREDIT_CURRENCY = "cred-type-"
"""How Stigg's ids of credit currencies begin: the package's type Entitlement takes them too."""

_OWN_TYPES: dict[str, dict[str, Any]] = {
    "feature": {"stiggType": ENTITLEMENT},
    "featureonoff": {"stiggType": ENTITLEMENT, "onOffFeature": True},
    "credit": {"stiggType": CREDITS},
    "grant": {"stiggType": CREDITS, "creditsAs": "grant"},
}
"""What the types of the Salesforce fields that come with this project (``Stigg_Type__c``) stand for."""

_COUNTED = {ADDON, PLAN}
"""What is sold in whole units, from 1."""


class OpportunityLine(Model):
    """A line of an opportunity. One without a type is ignored, whatever else it holds."""

    salesforce_line_item_id: RecordId
    """Id of the line. What it becomes belongs to this record. 15 or 18 characters."""
    stigg_type: Annotated[StiggType | None, choice(PLAN, ADDON, ENTITLEMENT, CREDITS)] = None
    """Plan, Add-on, Entitlement or Credit entitlement, in any spelling (Addon, add_on). Left out: the line is
    ignored."""
    stigg_id: StiggId | None = None
    """Id in Stigg: of the plan, the add-on, the feature or the credit currency (cred-type-...)."""
    name: Text | None = None
    """Grant: its name, as shown to people. Left out: stiggId."""
    quantity: Number | None = None
    """Plan: units, if it is priced per unit. Add-on: quantity. Entitlement: limit. Credits: amount. A line with 0 or
    less sells nothing: it fails, and the other lines go through."""
    unit_price: Amount | None = None
    """Plan: with overrideBaseCharge its price for each billing period. PAID grant: price of one."""
    subscription_id: StiggId | None = None
    """Plan: Stigg subscription that the line has from now on, such as one made in the Stigg app. Left out: its own."""
    resource_id: StiggId | None = None
    """Plan or grant: resource that it is for. Other lines: the resource of their plan."""
    plan_line_item_id: RecordId | None = None
    """Line of the plan that this one goes with. Needed where it could go with several."""
    plan_id: StiggId | None = None
    """Stigg id of the plan that this line goes with, in place of its line."""
    billing_period: Annotated[Literal["MONTHLY", "ANNUALLY"] | None, Picklist] = None
    """Plan: MONTHLY or ANNUALLY. Left out: as the request says."""
    override_base_charge: Flag | None = None
    """Plan: true if unitPrice replaces its base charge. Left out: as the request says."""
    on_off_feature: Flag = False
    """Entitlement: true for a feature that is on or off, whose quantity is no limit."""
    has_unlimited_usage: Flag | None = None
    """Entitlement: true for use without a limit; its quantity is none then."""
    has_soft_limit: Flag | None = None
    """Entitlement or credits: true if use beyond the limit is not blocked."""
    reset_period: Annotated[Literal["YEAR", "MONTH", "WEEK", "DAY", "HOUR"] | None, Picklist] = None
    """Entitlement: period after which the limit starts anew: YEAR, MONTH, WEEK, DAY or HOUR."""
    credits_as: Annotated[CreditsAs | None, choice("entitlement", "grant")] = None
    """Credit entitlement: entitlement or grant. Left out: as the request says."""
    cadence: Annotated[Literal["MONTH", "YEAR"] | None, Picklist] = None
    """Credits as entitlement: their period, MONTH or YEAR. Left out: that of the billing."""
    grant_type: Annotated[Literal["PAID", "PROMOTIONAL"], Picklist] = "PROMOTIONAL"
    """Credits as grant: PROMOTIONAL (the default, free) or PAID, for unitPrice times quantity."""
    priority: Annotated[Whole | None, Field(le=100)] = None
    """Credits as grant: 0 to 100; the lower number is used first."""

    @model_validator(mode="before")
    @classmethod
    def _read_type(cls, data: Any) -> Any:  # noqa: ANN401 - as pydantic hands it over
        """A line without a type is not Stigg's, and may hold anything, such as a discount's negative price."""
        if not isinstance(data, Mapping):
            return data
        stigg_type = re.sub(r"[\s_-]+", "", str(data.get("stiggType") or "")).lower()
        if stigg_type:
            return {**data, **_OWN_TYPES.get(stigg_type, {})}
        fields = {str(field.alias) for field in cls.model_fields.values()} - {"salesforceLineItemId"}
        return {name: value for name, value in data.items() if name not in fields}

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.stigg_type is None:
            return self
        if self.stigg_id is None:
            raise field_problem("stiggId", "is required for a line that has a stiggType")
        if self.subscription_id is not None and self.stigg_type != PLAN:
            raise field_problem("subscriptionId", "is only for a Plan line; the other lines go with their plan")
        if self.quantity is None and (self.credit_currency_id or self.stigg_type == ADDON):
            raise field_problem("quantity", f"is required for {'credits' if self.credit_currency_id else 'an Add-on'}")
        if self.credit_currency_id is None and self.quantity is not None:
            _refuse_fraction(self.quantity)
        return self

    @property
    def credit_currency_id(self) -> str | None:
        """The credit currency, if the line is about credits."""
        stigg_id = str(self.stigg_id)
        is_credit = self.stigg_type == CREDITS or stigg_id.startswith(_CREDIT_CURRENCY)
        return stigg_id if is_credit and self.stigg_type in {ENTITLEMENT, CREDITS} else None

    @property
    def sells_nothing(self) -> bool:
        """Whether its quantity says that nothing is sold by it: 0 (which is a limit, for a feature) or less."""
        is_counted = self.stigg_type in _COUNTED or self.credit_currency_id is not None
        return self.quantity is not None and (self.quantity < 0 or (self.quantity == 0 and is_counted))


class ProvisionOpportunity(ActionRequest):
    """The request of provision-opportunity. It takes no key: each line is done once, under its own record id."""

    salesforce_opportunity_id: OpportunityId
    """Id of the opportunity (006...). 15 or 18 characters."""
    salesforce_account_id: AccountId
    """Id of the opportunity's account (001...). 15 or 18 characters."""
    customer_id: CustomerId | None = None
    """Stigg customer id. Left out: the customer linked to the account, else the account's id."""
    customer_name: Text | None = None
    """Name of the account."""
    customer_email: Email | None = None
    """E-mail address of the contact."""
    currency: CurrencyCode | None = None
    """Currency of the opportunity. A customer that has none is billed in it; another one than the customer's is
    refused."""
    start_date: StartOfMonths | None = None
    """Start of the term: of new subscriptions and grants. Left out: now."""
    end_date: EndMoment | None = None
    """End of the term. Left out: by termMonths, else it has no end."""
    term_months: Annotated[Whole | None, Field(ge=1, le=600)] = None
    """Months of the term from startDate, where endDate is left out. It ends with the last second of the day before."""
    billing_period: Annotated[Literal["MONTHLY", "ANNUALLY"] | None, Picklist] = None
    """MONTHLY or ANNUALLY. Paid plans need it."""
    payment_collection_method: PaymentCollectionMethod | None = None
    """CHARGE the payment method on file, send an INVOICE, or NONE. PAID grants need it."""
    checkout_options: CheckoutOptions | None = None
    """The payment page of new subscriptions, where payment is needed first. Without it Stigg makes none."""
    override_base_charge: Flag = False
    """True: the unitPrice of a Plan line replaces the base charge of its plan."""
    credits_as: Annotated[CreditsAs, choice("entitlement", "grant")] = "entitlement"
    """What credit lines become: entitlement (the default) of a plan's subscription, or grant, once."""
    reapply: Flag = False
    """True: apply the lines again even where something newer has changed what they became. False (the default): such
    lines are left as they are, with the outcome superseded."""
    update_customer: Flag = False
    """True: customerName and customerEmail replace what the customer has. False (the default): they only fill what is
    empty."""
    line_items: Annotated[list[OpportunityLine], JsonText, Field(min_length=1, max_length=MOST_LINES)]
    """Lines of the opportunity, all of them."""

    @model_validator(mode="after")
    def _has_a_term(self) -> Self:
        if self.term_months is not None and self.start_date is None:
            raise field_problem("startDate", "is required with termMonths")
        try:
            ends_at = self.ends_at
        except ValueError as error:
            raise field_problem("termMonths", f"leads to an end that {error}") from None
        if self.start_date and ends_at and ends_at <= self.start_date:
            raise field_problem("endDate", "must lie after startDate")
        return self

    @property
    def ends_at(self) -> datetime | None:
        """The end of the term in UTC: as given, else by its months."""
        if self.end_date is not None or self.term_months is None or self.start_date is None:
            return self.end_date
        return moments.end_of_months(self.start_date, self.term_months)


def _refuse_fraction(quantity: Decimal) -> None:
    if quantity != quantity.to_integral_value():
        raise field_problem("quantity", "must be a whole number; fractions are refused, not rounded")
