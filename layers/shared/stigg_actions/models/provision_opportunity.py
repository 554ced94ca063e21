"""The request of provision-opportunity: account, term, and lines with the types of Stigg's own package."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models import moments
from stigg_actions.models.base import ActionRequest, field_problem
from stigg_actions.models.billing import CheckoutOptions, PaymentCollectionMethod
from stigg_actions.models.deal_changes import DealChanges, LineChanges
from stigg_actions.models.discounts import DiscountTerms
from stigg_actions.models.line_dates import LineDates
from stigg_actions.models.trials import TrialTerms
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
"""Maximum lines of one opportunity: as many as Salesforce processes together."""

PLAN, ADDON, ENTITLEMENT, CREDITS = "Plan", "Add-on", "Entitlement", "Credit entitlement"
StiggType = Literal["Plan", "Add-on", "Entitlement", "Credit entitlement"]
CreditsAs = Literal["entitlement", "grant"]

_CREDIT_CURRENCY = "cred-type-"
"""Prefix of Stigg's credit currency ids, which the package's type Entitlement accepts too."""

_OWN_TYPES: dict[str, dict[str, Any]] = {
    "feature": {"stiggType": ENTITLEMENT},
    "featureonoff": {"stiggType": ENTITLEMENT, "onOffFeature": True},
    "credit": {"stiggType": CREDITS},
    "grant": {"stiggType": CREDITS, "creditsAs": "grant"},
}
"""The values of this project's own picklist ``Stigg_Type__c``, in the package's types."""

_COUNTED = {ADDON, PLAN}
"""The types that are sold in whole units, from 1."""


class OpportunityLine(LineDates, LineChanges, TrialTerms, DiscountTerms):
    """A line of an opportunity. A line without a type is ignored, whatever its other fields."""

    salesforce_line_item_id: RecordId
    """Id of the line. Its subscription or grant belongs to this record. 15 or 18 characters."""
    stigg_type: Annotated[StiggType | None, choice(PLAN, ADDON, ENTITLEMENT, CREDITS)] = None
    """Plan, Add-on, Entitlement or Credit entitlement, in any spelling (Addon, add_on). Left out: the line is
    ignored."""
    stigg_id: StiggId | None = None
    """Id in Stigg: of the plan, the add-on, the feature or the credit currency (cred-type-...)."""
    name: Text | None = None
    """Grant: display name. Left out: stiggId."""
    quantity: Number | None = None
    """Plan: units, if it is priced per unit. Add-on: quantity. Entitlement: limit. Credits: amount. What it
    means depends on quantityMode. Without it: below 0, or 0 where that is not a limit, the line fails; the other lines
    are provisioned."""
    unit_price: Amount | None = None
    """Plan with overrideBaseCharge: its price for each billing period. PAID grant: price of one credit."""
    subscription_id: StiggId | None = None
    """Plan: Stigg subscription of the line from now on, such as one created in the Stigg app. Left out: its own."""
    resource_id: StiggId | None = None
    """Plan or grant: resource that it is for. Other lines: the resource of their plan."""
    plan_line_item_id: RecordId | None = None
    """Plan line that this line belongs to. Required if it could belong to several."""
    plan_id: StiggId | None = None
    """Stigg id of the plan that this line belongs to, instead of planLineItemId."""
    billing_period: Annotated[Literal["MONTHLY", "ANNUALLY"] | None, Picklist] = None
    """Plan: MONTHLY or ANNUALLY. Left out: as the request says."""
    override_base_charge: Flag | None = None
    """Plan: true if unitPrice replaces its base charge. Left out: as the request says."""
    on_off_feature: Flag = False
    """Entitlement: true for an on/off feature, whose quantity is not a limit."""
    has_unlimited_usage: Flag | None = None
    """Entitlement: true for unlimited use; its quantity is then not a limit."""
    has_soft_limit: Flag | None = None
    """Entitlement or credits: true if use beyond the limit is not blocked."""
    reset_period: Annotated[Literal["YEAR", "MONTH", "WEEK", "DAY", "HOUR"] | None, Picklist] = None
    """Entitlement: period after which the limit is reset: YEAR, MONTH, WEEK, DAY or HOUR."""
    credits_as: Annotated[CreditsAs | None, choice("entitlement", "grant")] = None
    """Credit entitlement: entitlement or grant. Left out: as the request says."""
    cadence: Annotated[Literal["MONTH", "YEAR"] | None, Picklist] = None
    """Credits as entitlement: their period, MONTH or YEAR. Left out: the billing period."""
    grant_type: Annotated[Literal["PAID", "PROMOTIONAL"], Picklist] = "PROMOTIONAL"
    """Credits as grant: PROMOTIONAL (the default, free) or PAID, for unitPrice times quantity."""
    priority: Annotated[Whole | None, Field(le=100)] = None
    """Credits as grant: 0 to 100; the lower number is used first."""

    @model_validator(mode="before")
    @classmethod
    def _read_type(cls, data: Any) -> Any:  # noqa: ANN401 - as pydantic hands it over
        """Drop the fields of a line without a type: they may have any value, such as a discount's negative price."""
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
        """The credit currency, if the line sells credits."""
        stigg_id = str(self.stigg_id)
        is_credit = self.stigg_type == CREDITS or stigg_id.startswith(_CREDIT_CURRENCY)
        return stigg_id if is_credit and self.stigg_type in {ENTITLEMENT, CREDITS} else None

    @property
    def is_delta(self) -> bool:
        """Whether its quantity is a difference."""
        has_limit = not (self.on_off_feature or self.has_unlimited_usage)
        return self.quantity_mode == "delta" and self.quantity is not None and has_limit

    @property
    def is_none_in_total(self) -> bool:
        """Whether it says explicitly that an add-on or credits are to be none in total."""
        is_removable = self.stigg_type == ADDON or self.credit_currency_id is not None
        return self.quantity_mode == "total" and self.quantity == 0 and is_removable

    @property
    def sells_nothing(self) -> bool:
        """Whether its quantity is too low for a sale: below 0, or 0 where that is not the limit of a feature.

        A total of 0 that is given as such removes an add-on or credits.
        """
        is_counted = self.stigg_type in _COUNTED or self.credit_currency_id is not None
        if self.is_delta or self.is_none_in_total:
            return False
        return self.quantity is not None and (self.quantity < 0 or (self.quantity == 0 and is_counted))


class ProvisionOpportunity(DealChanges, TrialTerms, DiscountTerms, ActionRequest):
    """The request of provision-opportunity. It has no idempotencyKey: each line is provisioned once, by its id."""

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
    """Currency of the opportunity. It becomes the billing currency of a customer that has none. A currency that differs
    from the customer's is refused."""
    start_date: StartOfMonths | None = None
    """Start of the term: of new subscriptions and grants. Left out: now."""
    end_date: EndMoment | None = None
    """End of the term. Left out: computed from termMonths; without both, the term has no end."""
    term_months: Annotated[Whole | None, Field(ge=1, le=600)] = None
    """Months of the term from startDate, if endDate is left out. The term ends with the last second of the day
    before."""
    billing_period: Annotated[Literal["MONTHLY", "ANNUALLY"] | None, Picklist] = None
    """MONTHLY or ANNUALLY. Paid plans need it."""
    payment_collection_method: PaymentCollectionMethod | None = None
    """CHARGE the payment method on file, send an INVOICE, or NONE. PAID grants need it."""
    checkout_options: CheckoutOptions | None = None
    """Payment page of new subscriptions, if payment is needed first. Left out: Stigg creates none."""
    override_base_charge: Flag = False
    """True: the unitPrice of a Plan line replaces the base charge of its plan."""
    credits_as: Annotated[CreditsAs, choice("entitlement", "grant")] = "entitlement"
    """What credit lines become: entitlement (the default) of a plan's subscription, or grant, once."""
    reapply: Flag = False
    """True: apply the lines again even if a newer change was made to what they became. False (the default): such
    lines are left unchanged, with the outcome superseded."""
    update_customer: Flag = False
    """True: customerName and customerEmail replace the customer's. False (the default): they are only set if the
    customer has none."""
    contract: Flag = False
    """True: bundle the subscriptions of the lines in one Stigg contract, that of the opportunity, once all lines are as
    requested."""
    contract_name: Text | None = None
    """Name of the contract."""
    contract_po_number: Text | None = None
    """Number of the purchase order of the contract."""
    contract_setup_billing: Flag | None = None
    """Required with contract true. True: the billing provider bills the contract. False: it only grants access."""
    dry_run: Flag = False
    """True: report line by line what would be done, with prices and refusals; change nothing."""
    line_items: Annotated[list[OpportunityLine], JsonText, Field(min_length=1, max_length=MOST_LINES)]
    """All lines of the opportunity, 1 to 200."""

    @model_validator(mode="after")
    def _has_a_term(self) -> Self:
        if self.term_months is not None and self.start_date is None:
            raise field_problem("startDate", "is required with termMonths")
        try:
            ends_at = self.ends_at
        except ValueError as error:
            raise field_problem("termMonths", f"leads to an end that is not accepted: it {error}") from None
        if self.start_date and ends_at and ends_at <= self.start_date:
            raise field_problem("endDate", "must be later than startDate")
        return self

    @model_validator(mode="after")
    def _says_how_the_contract_bills(self) -> Self:
        if self.contract and self.contract_setup_billing is None:
            problem = "is required with contract true: true to bill the contract, false if it only grants access"
            raise field_problem("contractSetupBilling", problem)
        given = (("contractName", self.contract_name), ("contractPoNumber", self.contract_po_number))
        for name, value in (*given, ("contractSetupBilling", self.contract_setup_billing)):
            if value is not None and not self.contract:
                raise field_problem(name, "is only possible with contract true")
        return self

    @property
    def ends_at(self) -> datetime | None:
        """The end of the term in UTC: as given, else computed from its months."""
        if self.end_date is not None or self.term_months is None or self.start_date is None:
            return self.end_date
        return moments.end_of_months(self.start_date, self.term_months)


def _refuse_fraction(quantity: Decimal) -> None:
    if quantity != quantity.to_integral_value():
        raise field_problem("quantity", "must be a whole number; fractions are refused, not rounded")
