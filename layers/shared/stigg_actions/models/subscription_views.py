"""Looking at a subscription: what Stigg has, what its Salesforce record is mapped to, and what happened to it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from stigg_actions.models.base import ActionRequest, Answer, Model
from stigg_actions.models.subscription_changes import SubscriptionReference
from stigg_actions.models.subscription_data import ScheduledChange, SubscriptionData, SubscriptionIdentity
from stigg_actions.models.values import CustomerId, RecordId


class GetSubscription(SubscriptionReference, ActionRequest):
    """The request of get-subscription."""

    customer_id: Annotated[
        CustomerId | None,
        Field(
            description="For a record whose mapping is lost: search the subscriptions of this Stigg customer. "
            "Left out: those of the customer of salesforceAccountId."
        ),
    ] = None
    salesforce_account_id: Annotated[
        RecordId | None,
        Field(description="The same, by the Salesforce account. 15 or 18 characters."),
    ] = None


class MetadataEntry(Model):
    """One entry of metadata."""

    model_config = ConfigDict(json_schema_extra={"required": ["key"]})  # the same entry serves requests and answers

    key: Annotated[str, Field(description="Name of the entry, up to 255 characters.")] = ""
    value: Annotated[str, Field(description="Its value, as text.")] = ""


class GrantedEntitlement(Model):
    """An entitlement over and above the plan's; Stigg does not tell how much of it."""

    id: Annotated[str, Field(description="Id of the feature or credit currency.")]
    type: Annotated[str | None, Field(description="FEATURE for a feature, CREDIT for credits.")] = None


class InvoiceData(Model):
    """An invoice of a subscription."""

    invoice_id: Annotated[str | None, Field(description="Id of the invoice at the billing provider.")] = None
    status: Annotated[str | None, Field(description="Status of the invoice: OPEN, PAID or CANCELED.")] = None
    amount_due: Annotated[Decimal | None, Field(description="Amount due, in whole currency units.")] = None
    currency: Annotated[str | None, Field(description="Currency of the amount due.")] = None
    pdf_url: Annotated[str | None, Field(description="Address of the invoice as PDF.")] = None


class SubscriptionView(SubscriptionData):
    """All of a subscription that Stigg shows."""

    end_date: Annotated[datetime | None, Field(description="Date on which it ended or ends.")] = None
    cancel_reason: Annotated[str | None, Field(description="Why it ended, in Stigg's words.")] = None
    pricing_type: Annotated[str | None, Field(description="How the plan is priced: FREE, PAID or CUSTOM.")] = None
    payment_collection_method: Annotated[str | None, Field(description="How it is paid: CHARGE, INVOICE or NONE.")] = (
        None
    )
    billing_period_start: Annotated[datetime | None, Field(description="Start of the billing period now.")] = None
    billing_period_end: Annotated[datetime | None, Field(description="End of the billing period now.")] = None
    entitlements: Annotated[
        list[GrantedEntitlement], Field(description="Entitlements over and above those of the plan.")
    ]
    metadata: Annotated[list[MetadataEntry], Field(description="Metadata of the subscription, key by key.")]
    latest_invoice: Annotated[InvoiceData | None, Field(description="Its latest invoice.")] = None
    scheduled_changes: Annotated[list[ScheduledChange], Field(description="Changes that are not in force yet.")]


class RecordMapping(Model):
    """What the Salesforce record is mapped to."""

    salesforce_org_id: Annotated[str, Field(description="Salesforce organization of the record.")]
    salesforce_record_id: Annotated[str, Field(description="Salesforce record, 18 characters.")]
    customer_id: Annotated[str, Field(description="Stigg customer id.")]
    subscription_id: Annotated[
        str | None, Field(description="Its subscription. Absent: none yet, or another one took its place.")
    ] = None
    plan_id: Annotated[str | None, Field(description="Plan of its subscription, as last written here.")] = None
    status: Annotated[str | None, Field(description="Status of its subscription, as last written here.")] = None
    cancellation_date: Annotated[
        datetime | None, Field(description="Date on which its subscription ends by itself, as last written here.")
    ] = None
    trial_end_date: Annotated[
        datetime | None, Field(description="Date on which its trial ends, as last written here.")
    ] = None
    end_date: Annotated[
        datetime | None, Field(description="Date on which its subscription ended, as a webhook of Stigg told.")
    ] = None
    payment_failed_at: Annotated[
        datetime | None,
        Field(description="When a payment failed that is still owed, as a webhook of Stigg told."),
    ] = None
    replaced_by_subscription_id: Annotated[
        str | None, Field(description="Subscription that took its place in the Stigg app, past the actions.")
    ] = None
    resource_id: Annotated[str | None, Field(description="Resource of its subscription.")] = None
    upcoming_subscription_id: Annotated[
        str | None, Field(description="A subscription of the record that takes the place of this one when it starts.")
    ] = None
    upcoming_plan_id: Annotated[str | None, Field(description="Plan of the upcoming subscription.")] = None
    upcoming_starts_at: Annotated[datetime | None, Field(description="When the upcoming subscription starts.")] = None
    pending_subscription_id: Annotated[
        str | None, Field(description="A subscription of the record that awaits payment.")
    ] = None
    pending_checkout_url: Annotated[
        str | None, Field(description="Page on which the pending subscription is paid.")
    ] = None


class HistoryLine(Model):
    """Something that happened to a record's subscription through the actions."""

    at: Annotated[datetime, Field(description="When it happened.")]
    event: Annotated[str, Field(description="What happened: created, replaced, closed, canceled, repaired, ...")]
    changed_outside: Annotated[
        bool, Field(description="True: it was changed past the actions, such as by hand in the Stigg app.")
    ] = False
    subscription_id: Annotated[str, Field(description="Subscription that it happened to.")]
    replaced_subscription_id: Annotated[str | None, Field(description="Subscription whose place it took.")] = None
    replaced_by_subscription_id: Annotated[str | None, Field(description="Subscription that took its place.")] = None
    other_salesforce_record_id: Annotated[
        str | None, Field(description="Record that the subscription, or the one before it, came from or went to.")
    ] = None
    operation_key: Annotated[str, Field(description="Operation that did it, in the ledger.")]


class FoundSubscription(SubscriptionIdentity, Answer):
    """The answer of get-subscription."""

    outcome: Annotated[
        Literal["found", "repaired"],
        Field(description="found, or repaired (found, and the lost mapping of its record was restored)."),
    ]
    subscription: Annotated[
        SubscriptionView | None, Field(description="The subscription. Absent while it awaits its first payment.")
    ] = None
    mapping: Annotated[
        RecordMapping | None,
        Field(description="The mapping of its record. Absent if it was not provisioned for one."),
    ] = None
    history: Annotated[
        list[HistoryLine], Field(description="What happened to its record, oldest first; the latest 100.")
    ]
