"""The terms of a subscription, as in Stigg's API: those that can change later, and those fixed from the start."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import model_validator

from stigg_actions import decimal_json
from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.billing import (
    AppliedCoupon,
    BillingInformation,
    CheckoutOptions,
    Money,
    PaymentCollectionMethod,
)
from stigg_actions.models.charges import (
    Addon,
    Budget,
    Charge,
    PriceOverride,
    merge_addons,
    refuse_duplicates,
    refuse_excess,
)
from stigg_actions.models.entitlements import Entitlement
from stigg_actions.models.values import (
    CountryCode,
    CustomerId,
    EndMoment,
    Flag,
    JsonText,
    Metadata,
    Picklist,
    SalesforceId,
    StartMoment,
    StiggId,
    Text,
    Whole,
)


class TrialOverrideConfiguration(Model):
    """Whether the subscription starts as a trial, and how that trial ends."""

    is_trial: Flag
    """True: start as a trial. False: start without the plan's trial."""
    trial_end_date: EndMoment | None = None
    """Date on which the trial ends."""
    trial_end_behavior: Annotated[Literal["CONVERT_TO_PAID", "CANCEL_SUBSCRIPTION"] | None, Picklist] = None
    """What happens at the end of the trial: CONVERT_TO_PAID or CANCEL_SUBSCRIPTION."""

    @model_validator(mode="after")
    def _end_needs_a_trial(self) -> Self:
        if not self.is_trial and (self.trial_end_date or self.trial_end_behavior):
            field = "trialEndDate" if self.trial_end_date else "trialEndBehavior"
            raise field_problem(field, "is only for a trial; set isTrial to true or leave it out")
        return self


class PlanChoice(Model):
    """The plan and the resource of a subscription."""

    plan_id: StiggId
    """Stigg plan id."""
    resource_id: StiggId | None = None
    """Resource that the subscription is for, such as a workspace, if a customer has several."""


class ChangeableTerms(Model):
    """The terms that Stigg accepts when a subscription is provisioned and when it is changed in place."""

    billing_period: Annotated[Literal["MONTHLY", "ANNUALLY"] | None, Picklist] = None
    """MONTHLY or ANNUALLY. Paid plans need it."""
    cancellation_date: EndMoment | None = None
    """Date on which the subscription ends."""
    addons: Annotated[list[Addon] | None, JsonText] = None
    """Add-ons and their quantities."""
    charges: Annotated[list[Charge] | None, JsonText] = None
    """Quantities of priced features and of recurring credits."""
    entitlements: Annotated[list[Entitlement] | None, JsonText] = None
    """Features and credits granted with the subscription in addition to its plan's."""
    minimum_spend: Money | None = None
    """Minimum amount billed each period."""
    budget: Budget | None = None
    """Cap on spending."""
    await_payment_confirmation: Flag | None = None
    """True (the default): wait for the result of the payment."""
    applied_coupon: AppliedCoupon | None = None
    """Coupon or discount."""
    billing_information: BillingInformation | None = None
    """How to invoice."""
    billing_cycle_anchor: Annotated[Literal["UNCHANGED", "NOW"] | None, Picklist] = None
    """UNCHANGED (the default) keeps the billing day, NOW starts a new billing cycle."""
    salesforce_id: SalesforceId | None = None
    """Salesforce id that Stigg stores with the subscription. Left out of a new one: the id of the account."""
    metadata: Metadata | None = None
    """Metadata that Stigg stores with the subscription, key by key."""
    plan_base_charge_override: Money | None = None
    """Price that replaces the base charge of the plan."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        refuse_excess(self.addons or [])
        refuse_duplicates("entitlements", [(item.type, item.id) for item in self.entitlements or ()])
        refuse_duplicates("charges", [(item.type, item.id) for item in self.charges or ()])
        return self


class ScheduleStrategy(Model):
    """When a change takes effect, as in Stigg's API."""

    schedule_strategy: Annotated[
        Literal["END_OF_BILLING_PERIOD", "END_OF_BILLING_MONTH", "IMMEDIATE"] | None, Picklist
    ] = None
    """When a change takes effect: IMMEDIATE, END_OF_BILLING_PERIOD or END_OF_BILLING_MONTH."""


class StartDate(Model):
    """When a new subscription starts."""

    start_date: StartMoment | None = None
    """Start of the subscription. Left out: now."""


class FixedTerms(Model):
    """The terms that Stigg accepts only when a subscription is provisioned."""

    unit_quantity: Whole | None = None
    """Units of a plan that is priced per unit."""
    price_overrides: Annotated[list[PriceOverride] | None, JsonText] = None
    """Prices that differ from the catalog's."""
    trial_override_configuration: TrialOverrideConfiguration | None = None
    """Whether to start as a trial, and how it ends."""
    payment_collection_method: PaymentCollectionMethod | None = None
    """CHARGE (the default) charges the payment method on file, INVOICE sends an invoice, NONE collects nothing."""
    billing_country_code: CountryCode | None = None
    """Country whose localized price applies, such as US, or eu."""
    billing_id: Text | None = None
    """Id of the subscription at the billing provider."""
    paying_customer_id: CustomerId | None = None
    """Stigg id of the customer who pays, if it is another customer."""
    checkout_options: CheckoutOptions | None = None
    """Payment page to offer if payment is needed first."""


class NewTerms(FixedTerms, ChangeableTerms):
    """The terms of a new subscription, except plan, resource and start."""

    @model_validator(mode="after")
    def _one_base_charge(self) -> Self:
        overridden = any(price.base_charge and price.addon_id is None for price in self.price_overrides or ())
        if self.plan_base_charge_override and overridden:
            raise field_problem(
                "planBaseChargeOverride", "contradicts the base charge in priceOverrides; give only one of them"
            )
        return self

    def terms(self) -> dict[str, Any]:
        """Return the body of Stigg's POST /api/v1/subscriptions without the ids that are set elsewhere."""
        body = self.to_json_fields(include=TERMS)
        if self.addons:
            body["addons"] = [addon.to_json_fields() for addon in merge_addons(self.addons)]
        if self.plan_base_charge_override:
            override = {"baseCharge": True, **self.plan_base_charge_override.to_json_fields()}
            body["priceOverrides"] = [override, *body.get("priceOverrides", ())]
        return body


class FullTerms(StartDate, ScheduleStrategy, NewTerms):
    """All terms of a subscription except plan and resource (POST /api/v1/subscriptions)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.start_date and self.cancellation_date and self.cancellation_date <= self.start_date:
            raise field_problem("cancellationDate", "must be later than startDate")
        return self


TERMS = {*PlanChoice.model_fields, *FullTerms.model_fields} - {"plan_base_charge_override"}
"""The fields that have the same names in Stigg."""


def in_any_order(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """Return a canonical request in which the order of a list does not matter."""
    return {**canonical, **{name: sorted(canonical[name], key=_as_text) for name in _UNORDERED & canonical.keys()}}


_UNORDERED = {"addons", "charges", "entitlements", "priceOverrides"}
_as_text = partial(decimal_json.dumps, sort=True)
