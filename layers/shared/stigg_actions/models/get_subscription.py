"""The request and the answer of get-subscription."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import ConfigDict

from stigg_actions.models.base import ActionRequest, Answer, Model
from stigg_actions.models.ramps import RampSegment
from stigg_actions.models.subscription_data import ScheduledChange, SubscriptionData, SubscriptionIdentity
from stigg_actions.models.subscription_reference import SubscriptionReference
from stigg_actions.models.values import AccountId, CustomerId


class GetSubscription(SubscriptionReference, ActionRequest):
    """The request of get-subscription."""

    customer_id: CustomerId | None = None
    """Stigg customer whose subscriptions are searched if the mapping of the record is lost. Left out: the customer of
    salesforceAccountId."""
    salesforce_account_id: AccountId | None = None
    """Salesforce account of that customer. 15 or 18 characters."""


class MetadataEntry(Model):
    """One entry of metadata."""

    model_config = ConfigDict(json_schema_extra={"required": ["key"]})  # the same entry serves requests and answers

    key: str = ""
    """Name of the entry, up to 255 characters."""
    value: str = ""
    """Its value, as text."""


class GrantedEntitlement(Model):
    """An entitlement in addition to the plan's. Stigg does not return its limit or amount."""

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
    """All that Stigg returns of a subscription."""

    end_date: datetime | None = None
    """Date on which it ended or ends."""
    cancel_reason: str | None = None
    """Why it ended, in Stigg's words."""
    pricing_type: str | None = None
    """How the plan is priced: FREE, PAID or CUSTOM."""
    payment_collection_method: str | None = None
    """How it is paid: CHARGE, INVOICE or NONE."""
    billing_period_start: datetime | None = None
    """Start of the current billing period."""
    billing_period_end: datetime | None = None
    """End of the current billing period."""
    entitlements: list[GrantedEntitlement]
    """Entitlements in addition to those of the plan."""
    metadata: list[MetadataEntry]
    """Metadata of the subscription, key by key."""
    latest_invoice: InvoiceData | None = None
    """Its latest invoice."""
    scheduled_changes: list[ScheduledChange]
    """Changes that are not in force yet."""


class RecordMapping(Model):
    """The mapping of a Salesforce record."""

    salesforce_org_id: str
    """Salesforce organization of the record."""
    salesforce_record_id: str
    """Salesforce record, 18 characters."""
    customer_id: str
    """Stigg customer id."""
    subscription_id: str | None = None
    """Current subscription of the record. Absent if it has none yet, or if another one replaced it."""
    plan_id: str | None = None
    """Plan of its subscription, as last stored."""
    status: str | None = None
    """Status of its subscription, as last stored."""
    cancellation_date: datetime | None = None
    """Cancellation date of its subscription, as last stored."""
    trial_end_date: datetime | None = None
    """Date on which its trial ends, as last stored."""
    end_date: datetime | None = None
    """Date on which its subscription ended, as reported by a webhook of Stigg."""
    payment_failed_at: datetime | None = None
    """When a payment failed that is still due, as reported by a webhook of Stigg."""
    replaced_by_subscription_id: str | None = None
    """Subscription that replaced it outside the actions, such as in the Stigg app."""
    resource_id: str | None = None
    """Resource of its subscription."""
    upcoming_subscription_id: str | None = None
    """Next subscription of the record, which replaces the current one when it starts."""
    upcoming_plan_id: str | None = None
    """Plan of the upcoming subscription."""
    upcoming_starts_at: datetime | None = None
    """When the upcoming subscription starts."""
    pending_subscription_id: str | None = None
    """Subscription of the record that awaits payment."""
    pending_checkout_url: str | None = None
    """Payment page of the pending subscription."""


class HistoryLine(Model):
    """A change of a record's subscription."""

    at: datetime
    """When it happened."""
    event: str
    """What happened: created, replaced, closed, canceled, repaired, ..."""
    changed_outside: bool = False
    """True: the change was made outside the actions, such as in the Stigg app."""
    subscription_id: str
    """Subscription that was changed."""
    replaced_subscription_id: str | None = None
    """Subscription that it replaced."""
    replaced_by_subscription_id: str | None = None
    """Subscription that replaced it."""
    other_salesforce_record_id: str | None = None
    """Record that the subscription, or the one before it, came from or moved to."""
    operation_key: str
    """Key of the operation that made the change."""


class FoundSubscription(SubscriptionIdentity, Answer):
    """The answer of get-subscription."""

    outcome: Literal["found", "repaired"]
    """found, or repaired (found, and the lost mapping of its record was restored)."""
    subscription: SubscriptionView | None = None
    """The subscription. Absent while it awaits its first payment."""
    ramp: list[RampSegment] | None = None
    """Segments of its ramp, if it was sold as one."""
    mapping: RecordMapping | None = None
    """The mapping of its record. Absent if it was not provisioned for a record."""
    history: list[HistoryLine]
    """The latest 100 changes of its record, oldest first."""
