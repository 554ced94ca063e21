"""Provisioning a subscription: the terms that Stigg takes, the request around them, and the answers."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from stigg_actions import decimal_json
from stigg_actions.models.base import Answer, CustomerRequest, Model, field_problem
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
    Email,
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


class SubscriptionTerms(Model):
    """What a subscription is to be, in Stigg's own terms (POST /api/v1/subscriptions)."""

    plan_id: Annotated[StiggId, Field(description="Stigg plan id.")]
    resource_id: Annotated[
        StiggId | None,
        Field(description="Resource the subscription is for, where one customer has several, such as a workspace."),
    ] = None
    billing_period: Annotated[
        Literal["MONTHLY", "ANNUALLY"] | None,
        Picklist,
        Field(description="MONTHLY or ANNUALLY. Paid plans need it."),
    ] = None
    start_date: Annotated[StartMoment | None, Field(description="Start of the subscription. Left out: now.")] = None
    cancellation_date: Annotated[
        EndMoment | None, Field(description="Date on which the subscription ends by itself.")
    ] = None
    addons: Annotated[list[Addon] | None, JsonText, Field(description="Add-ons and their quantities.")] = None
    charges: Annotated[
        list[Charge] | None, JsonText, Field(description="Quantities of priced features and of recurring credits.")
    ] = None
    unit_quantity: Annotated[Whole | None, Field(description="Units of a plan that is priced per unit.")] = None
    entitlements: Annotated[
        list[Entitlement] | None,
        JsonText,
        Field(description="Features and credits granted with the subscription, over and above its plan's."),
    ] = None
    price_overrides: Annotated[
        list[PriceOverride] | None, JsonText, Field(description="Prices that differ from the catalog's.")
    ] = None
    minimum_spend: Annotated[Money | None, Field(description="Least amount to be billed each period.")] = None
    budget: Annotated[Budget | None, Field(description="Cap on spending.")] = None
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
    billing_country_code: Annotated[
        CountryCode | None, Field(description="Country whose localized price applies, such as US, or eu.")
    ] = None
    billing_id: Annotated[Text | None, Field(description="Id of the subscription at the billing provider.")] = None
    paying_customer_id: Annotated[
        CustomerId | None, Field(description="Stigg id of the customer who pays, if it is another one.")
    ] = None
    schedule_strategy: Annotated[
        Literal["END_OF_BILLING_PERIOD", "END_OF_BILLING_MONTH", "IMMEDIATE"] | None,
        Picklist,
        Field(description="When a change takes effect: IMMEDIATE, END_OF_BILLING_PERIOD or END_OF_BILLING_MONTH."),
    ] = None
    checkout_options: Annotated[
        CheckoutOptions | None, Field(description="Payment page to offer when payment is needed first.")
    ] = None
    salesforce_id: Annotated[
        SalesforceId | None,
        Field(description="Salesforce id that Stigg keeps with the subscription. Left out: salesforceAccountId."),
    ] = None
    metadata: Annotated[Metadata | None, Field(description="Metadata kept with the subscription, key by key.")] = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.start_date and self.cancellation_date and self.cancellation_date <= self.start_date:
            raise field_problem("cancellationDate", "must lie after startDate")
        refuse_excess(self.addons or [])
        refuse_duplicates("entitlements", [(item.type, item.id) for item in self.entitlements or ()])
        refuse_duplicates("charges", [(item.type, item.id) for item in self.charges or ()])
        return self


class PricedTerms(SubscriptionTerms):
    """The same, with a shorthand for the price of the plan itself."""

    plan_base_charge_override: Annotated[
        Money | None, Field(description="Price that replaces the base charge of the plan.")
    ] = None

    @model_validator(mode="after")
    def _one_base_charge(self) -> Self:
        overridden = any(price.base_charge and price.addon_id is None for price in self.price_overrides or ())
        if self.plan_base_charge_override and overridden:
            raise field_problem("planBaseChargeOverride", "contradicts the base charge in priceOverrides; give one")
        return self

    def terms(self) -> dict[str, object]:
        """The body of Stigg's POST /api/v1/subscriptions, without ids that are decided elsewhere."""
        body = self.wire(include=set(SubscriptionTerms.model_fields))
        if self.addons:
            body["addons"] = [addon.wire() for addon in merge_addons(self.addons)]
        if self.plan_base_charge_override:
            override = {"baseCharge": True, **self.plan_base_charge_override.wire()}
            body["priceOverrides"] = [override, *body.get("priceOverrides", ())]
        return body


class CreateSubscription(PricedTerms, CustomerRequest):
    """The request of create-subscription and of create-subscription-with-return-data."""

    customer_name: Annotated[
        Text | None, Field(description="Given: the customer is created or updated first, with this name.")
    ] = None
    customer_email: Annotated[
        Email | None, Field(description="Given: the customer is created or updated first, with this e-mail address.")
    ] = None

    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same one; in what order and in how many lines a list gives it does not matter."""
        canonical = {**super().canonical(), **self.terms()}
        canonical.pop("planBaseChargeOverride", None)  # it is the first of the price overrides
        for name in _UNORDERED & canonical.keys():
            canonical[name] = sorted(canonical[name], key=_as_text)
        return {name: value for name, value in canonical.items() if value != []}


_UNORDERED = {"addons", "charges", "entitlements", "priceOverrides"}
_as_text = partial(decimal_json.dumps, sort=True)


class AddonQuantity(Model):
    """An add-on of a subscription and its quantity."""

    id: Annotated[str, Field(description="Add-on id.")]
    quantity: Annotated[Decimal, Field(description="Quantity.")]


class SubscriptionStatus(Answer):
    """The answer of create-subscription: whether it worked, and a payment page if one is needed."""

    outcome: Annotated[
        Literal["created", "replaced", "scheduled", "paymentRequired", "unchanged"],
        Field(
            description="created, replaced (an earlier subscription ended), scheduled (takes effect later), "
            "paymentRequired (nothing is active until checkoutUrl is paid) or unchanged (it was so already)."
        ),
    ]
    active: Annotated[bool, Field(description="True: the subscription is active or in trial now.")]
    checkout_url: Annotated[str | None, Field(description="Payment page, when payment is needed first.")] = None


class SubscriptionResult(SubscriptionStatus):
    """The answer of create-subscription-with-return-data: the subscription itself."""

    customer_id: Annotated[str, Field(description="Stigg customer id.")]
    customer_url: Annotated[str | None, Field(description="The customer in the Stigg app, where configured.")] = None
    subscription_id: Annotated[str, Field(description="Stigg subscription id.")]
    status: Annotated[
        str,
        Field(
            description="Status of the subscription: ACTIVE, IN_TRIAL, NOT_STARTED, PAYMENT_PENDING, CANCELED or "
            "EXPIRED; PAYMENT_REQUIRED while nothing is active because payment is needed first."
        ),
    ]
    plan_id: Annotated[str, Field(description="Stigg plan id.")]
    resource_id: Annotated[str | None, Field(description="Resource of the subscription.")] = None
    addons: Annotated[list[AddonQuantity], Field(description="Add-ons and their quantities.")]
    start_date: Annotated[datetime | None, Field(description="Start of the subscription.")] = None
    cancellation_date: Annotated[datetime | None, Field(description="Date on which it ends by itself.")] = None
    trial_end_date: Annotated[datetime | None, Field(description="Date on which its trial ends.")] = None
    replaced_subscription_id: Annotated[
        str | None, Field(description="Subscription that ended because this one took its place.")
    ] = None

    def without_data(self) -> SubscriptionStatus:
        """The same answer without the subscription."""
        return SubscriptionStatus.model_validate(self.model_dump(include=set(SubscriptionStatus.model_fields)))
