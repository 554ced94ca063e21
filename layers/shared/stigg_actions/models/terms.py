"""What a subscription is to be, in Stigg's own terms: what can be changed later, and what is fixed from the start."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

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

    is_trial: Annotated[Flag, Field(description="True: start as a trial. False: start without the plan's trial.")]
    trial_end_date: Annotated[EndMoment | None, Field(description="Date on which the trial ends.")] = None
    trial_end_behavior: Annotated[
        Literal["CONVERT_TO_PAID", "CANCEL_SUBSCRIPTION"] | None,
        Picklist,
        Field(description="What happens at the end of the trial: CONVERT_TO_PAID or CANCEL_SUBSCRIPTION."),
    ] = None

    @model_validator(mode="after")
    def _end_needs_a_trial(self) -> Self:
        if not self.is_trial and (self.trial_end_date or self.trial_end_behavior):
            field = "trialEndDate" if self.trial_end_date else "trialEndBehavior"
            raise field_problem(field, "is only for a trial; set isTrial to true or leave it out")
        return self


class PlanChoice(Model):
    """Which plan, and for what."""

    plan_id: Annotated[StiggId, Field(description="Stigg plan id.")]
    resource_id: Annotated[
        StiggId | None,
        Field(description="Resource the subscription is for, where one customer has several, such as a workspace."),
    ] = None


class ChangeableTerms(Model):
    """The terms that Stigg takes when a subscription is provisioned, and when it is changed in place."""

    billing_period: Annotated[
        Literal["MONTHLY", "ANNUALLY"] | None,
        Picklist,
        Field(description="MONTHLY or ANNUALLY. Paid plans need it."),
    ] = None
    cancellation_date: Annotated[
        EndMoment | None, Field(description="Date on which the subscription ends by itself.")
    ] = None
    addons: Annotated[list[Addon] | None, JsonText, Field(description="Add-ons and their quantities.")] = None
    charges: Annotated[
        list[Charge] | None, JsonText, Field(description="Quantities of priced features and of recurring credits.")
    ] = None
    entitlements: Annotated[
        list[Entitlement] | None,
        JsonText,
        Field(description="Features and credits granted with the subscription, over and above its plan's."),
    ] = None
    minimum_spend: Annotated[Money | None, Field(description="Least amount to be billed each period.")] = None
    budget: Annotated[Budget | None, Field(description="Cap on spending.")] = None
    await_payment_confirmation: Annotated[
        Flag | None, Field(description="True (the default): wait for the result of the payment.")
    ] = None
    applied_coupon: Annotated[AppliedCoupon | None, Field(description="Coupon or discount.")] = None
    billing_information: Annotated[BillingInformation | None, Field(description="How to invoice.")] = None
    billing_cycle_anchor: Annotated[
        Literal["UNCHANGED", "NOW"] | None,
        Picklist,
        Field(description="UNCHANGED (the default) keeps the billing day, NOW starts a new billing cycle."),
    ] = None
    salesforce_id: Annotated[
        SalesforceId | None,
        Field(
            description="Salesforce id that Stigg keeps with the subscription. Left out of a new one: the account's."
        ),
    ] = None
    metadata: Annotated[Metadata | None, Field(description="Metadata kept with the subscription, key by key.")] = None
    plan_base_charge_override: Annotated[
        Money | None, Field(description="Price that replaces the base charge of the plan.")
    ] = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        refuse_excess(self.addons or [])
        refuse_duplicates("entitlements", [(item.type, item.id) for item in self.entitlements or ()])
        refuse_duplicates("charges", [(item.type, item.id) for item in self.charges or ()])
        return self


class ScheduleStrategy(Model):
    """When a change takes effect, in Stigg's own words."""

    schedule_strategy: Annotated[
        Literal["END_OF_BILLING_PERIOD", "END_OF_BILLING_MONTH", "IMMEDIATE"] | None,
        Picklist,
        Field(description="When a change takes effect: IMMEDIATE, END_OF_BILLING_PERIOD or END_OF_BILLING_MONTH."),
    ] = None


class StartDate(Model):
    """When a new subscription starts."""

    start_date: Annotated[StartMoment | None, Field(description="Start of the subscription. Left out: now.")] = None


class FixedTerms(Model):
    """The terms that Stigg takes only when a subscription is provisioned."""

    unit_quantity: Annotated[Whole | None, Field(description="Units of a plan that is priced per unit.")] = None
    price_overrides: Annotated[
        list[PriceOverride] | None, JsonText, Field(description="Prices that differ from the catalog's.")
    ] = None
    trial_override_configuration: Annotated[
        TrialOverrideConfiguration | None, Field(description="Whether to start as a trial, and how it ends.")
    ] = None
    payment_collection_method: Annotated[
        PaymentCollectionMethod | None,
        Field(
            description="CHARGE (the default) charges the payment method on file, INVOICE sends an invoice, "
            "NONE collects nothing."
        ),
    ] = None
    billing_country_code: Annotated[
        CountryCode | None, Field(description="Country whose localized price applies, such as US, or eu.")
    ] = None
    billing_id: Annotated[Text | None, Field(description="Id of the subscription at the billing provider.")] = None
    paying_customer_id: Annotated[
        CustomerId | None, Field(description="Stigg id of the customer who pays, if it is another one.")
    ] = None
    checkout_options: Annotated[
        CheckoutOptions | None, Field(description="Payment page to offer when payment is needed first.")
    ] = None


class NewTerms(FixedTerms, ChangeableTerms):
    """All that a new subscription can be given, but for plan and resource, and for when it starts."""

    @model_validator(mode="after")
    def _one_base_charge(self) -> Self:
        overridden = any(price.base_charge and price.addon_id is None for price in self.price_overrides or ())
        if self.plan_base_charge_override and overridden:
            raise field_problem("planBaseChargeOverride", "contradicts the base charge in priceOverrides; give one")
        return self

    def terms(self) -> dict[str, Any]:
        """The body of Stigg's POST /api/v1/subscriptions, without ids that are decided elsewhere."""
        body = self.wire(include=TERMS)
        if self.addons:
            body["addons"] = [addon.wire() for addon in merge_addons(self.addons)]
        if self.plan_base_charge_override:
            override = {"baseCharge": True, **self.plan_base_charge_override.wire()}
            body["priceOverrides"] = [override, *body.get("priceOverrides", ())]
        return body


class FullTerms(StartDate, ScheduleStrategy, NewTerms):
    """All that a subscription can be given, but for plan and resource (POST /api/v1/subscriptions)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.start_date and self.cancellation_date and self.cancellation_date <= self.start_date:
            raise field_problem("cancellationDate", "must lie after startDate")
        return self


class SubscriptionTerms(FullTerms, PlanChoice):
    """All that a subscription is to be."""


TERMS = set(SubscriptionTerms.model_fields) - {"plan_base_charge_override"}
"""The fields that Stigg knows under the same names."""


def in_any_order(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """Return a canonical request in which the order of a list does not matter."""
    return {**canonical, **{name: sorted(canonical[name], key=_as_text) for name in _UNORDERED & canonical.keys()}}


_UNORDERED = {"addons", "charges", "entitlements", "priceOverrides"}
_as_text = partial(decimal_json.dumps, sort=True)
