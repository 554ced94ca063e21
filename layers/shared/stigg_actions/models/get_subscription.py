"""Looking at a subscription: what Stigg has, what its Salesforce record is mapped to, and what happened to it."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import ConfigDict

from stigg_actions.models.base import ActionRequest, Answer, Model
from stigg_actions.models.subscription_data import ScheduledChange, SubscriptionData, SubscriptionIdentity
from stigg_actions.models.subscription_reference import SubscriptionReference
from stigg_actions.models.values import AccountId, CustomerId


class GetSubscription(SubscriptionReference, ActionRequest):
    """The request of get-subscription."""

    customer_id: CustomerId | None = None
    """For a record whose mapping is lost: search the subscriptions of this Stigg customer. Left out: those of the
    customer of salesforceAccountId."""
    salesforce_account_id: AccountId | None = None
    """The same, by the Salesforce account. 15 or 18 characters."""


class MetadataEntry(Model):
    """One entry of metadata."""

    model_config = ConfigDict(json_schema_extra={"required": ["key"]})  # the same entry serves requests and answers

    key: str = ""
    """Name of the entry, up to 255 characters."""
    value: str = ""
    """Its value, as text."""


class GrantedEntitlement(Model):
    """An entitlement over and above the plan's; Stigg does not tell how much of it."""

    id: str
    """Id of the feature or credit currency."""
    type: str | None = None
    """FEATURE for a feature, CREDIT for credits."""


class InvoiceData(Model):
    """An invoice of a subscription."""

    invoice_id: str | None = None
    """Id of the invoice at the billing provider."""
    status: str | None = None
    """Status of the invoice: OPEN, PAID or CANCELED."""
    amount_due: Decimal | None = None
    """Amount due, in whole currency units."""
    currency: str | None = None
    """Currency of the amount due."""
    pdf_url: str | None = None
    """Address of the invoice as PDF."""


class SubscriptionView(SubscriptionData):
    """All of a subscription that Stigg shows."""

    end_date: datetime | None = None
    """Date on which it ended or ends."""
    cancel_reason: str | None = None
    """Why it ended, in Stigg's words."""
    pricing_type: str | None = None
    """How the plan is priced: FREE, PAID or CUSTOM."""
    payment_collection_method: str | None = None
    """How it is paid: CHARGE, INVOICE or NONE."""
    billing_period_start: datetime | None = None
    """Start of the billing period now."""
    billing_period_end: datetime | None = None
    """End of the billing period now."""
    entitlements: list[GrantedEntitlement]
    """Entitlements over and above those of the plan."""
    metadata: list[MetadataEntry]
    """Metadata of the subscription, key by key."""
    latest_invoice: InvoiceData | None = None
    """Its latest invoice."""
    scheduled_changes: list[ScheduledChange]
    """Changes that are not in force yet."""


class RecordMapping(Model):
    """What the Salesforce record is mapped to."""

    salesforce_org_id: str
    """Salesforce organization of the record."""
    salesforce_record_id: str
    """Salesforce record, 18 characters."""
    customer_id: str
    """Stigg customer id."""
    subscription_id: str | None = None
    """Its subscription. Absent: none yet, or another one took its place."""
    plan_id: str | None = None
    """Plan of its subscription, as last written here."""
    status: str | None = None
    """Status of its subscription, as last written here."""
    cancellation_date: datetime | None = None
    """Date on which its subscription ends by itself, as last written here."""
    trial_end_date: datetime | None = None
    """Date on which its trial ends, as last written here."""
    end_date: datetime | None = None
    """Date on which its subscription ended, as a webhook of Stigg told."""
    payment_failed_at: datetime | None = None
    """When a payment failed that is still owed, as a webhook of Stigg told."""
    replaced_by_subscription_id: str | None = None
    """Subscription that took its place in the Stigg app, past the actions."""
    resource_id: str | None = None
    """Resource of its subscription."""
    upcoming_subscription_id: str | None = None
    """A subscription of the record that takes the place of this one when it starts."""
    upcoming_plan_id: str | None = None
    """Plan of the upcoming subscription."""
    upcoming_starts_at: datetime | None = None
    """When the upcoming subscription starts."""
    pending_subscription_id: str | None = None
    """A subscription of the record that awaits payment."""
    pending_checkout_url: str | None = None
    """Page on which the pending subscription is paid."""


class HistoryLine(Model):
    """Something that happened to a record's subscription through the actions."""

    at: datetime
    """When it happened."""
    event: str
    """What happened: created, replaced, closed, canceled, repaired, ..."""
    changed_outside: bool = False
    """True: it was changed past the actions, such as by hand in the Stigg app."""
    subscription_id: str
    """Subscription that it happened to."""
    replaced_subscription_id: str | None = None
    """Subscription whose place it took."""
    replaced_by_subscription_id: str | None = None
    """Subscription that took its place."""
    other_salesforce_record_id: str | None = None
    """Record that the subscription, or the one before it, came from or went to."""
    operation_key: str
    """Operation that did it, in the ledger."""


class FoundSubscription(SubscriptionIdentity, Answer):
    """The answer of get-subscription."""

    outcome: Literal["found", "repaired"]
    """found, or repaired (found, and the lost mapping of its record was restored)."""
    subscription: SubscriptionView | None = None
    """The subscription. Absent while it awaits its first payment."""
    mapping: RecordMapping | None = None
    """The mapping of its record. Absent if it was not provisioned for one."""
    history: list[HistoryLine]
    """What happened to its record, oldest first; the latest 100."""
