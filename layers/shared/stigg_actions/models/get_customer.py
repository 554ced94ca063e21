"""The request and the answer of get-customer."""

from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import ActionRequest, Answer, Model, field_problem
from stigg_actions.models.price import Blocker
from stigg_actions.models.ramps import RampSegment
from stigg_actions.models.subscription_data import ScheduledChange, SubscriptionData
from stigg_actions.models.values import AccountId, CustomerId, StiggId


class GetCustomer(ActionRequest):
    """The request of get-customer."""

    customer_id: CustomerId | None = None
    """Stigg customer id. Left out: the customer that salesforceAccountId is linked to."""
    salesforce_account_id: AccountId | None = None
    """Id of the Salesforce account (001...). 15 or 18 characters."""
    resource_id: StiggId | None = None
    """Resource whose entitlements and credits are shown. Left out: those without a resource."""

    @model_validator(mode="after")
    def _name_the_customer(self) -> Self:
        if (self.customer_id is None) == (self.salesforce_account_id is None):
            raise field_problem("customerId", "give either customerId or salesforceAccountId")
        return self


class CustomerView(Model):
    """A customer as Stigg returns it."""

    name: str | None = None
    """Name of the customer."""
    email: str | None = None
    """E-mail address of the customer."""
    billing_currency: str | None = None
    """Currency in which the customer is billed."""
    billing_id: str | None = None
    """Id of the customer at the billing provider."""
    created_at: datetime | None = None
    """When it was created."""
    archived_at: datetime | None = None
    """When it was archived. Absent if it is not."""


class AccountSubscription(SubscriptionData):
    """A subscription of the customer that has not ended, with its Salesforce record."""

    salesforce_record_id: str | None = None
    """Record that it was provisioned for."""
    salesforce_org_id: str | None = None
    """Salesforce organization of the record."""
    scheduled_changes: list[ScheduledChange]
    """Changes that are not in force yet."""
    ramp: list[RampSegment] | None = None
    """Segments of its ramp, if it was sold as one."""


class AccountEntitlement(Model):
    """A feature that the customer may use, and how much is left of it."""

    feature_id: str
    """Id of the feature."""
    name: str | None = None
    """Name of the feature."""
    granted: bool | None = None
    """True: the customer may use it now."""
    denied_because: str | None = None
    """Why the customer may not use it, in Stigg's words."""
    unlimited: bool | None = None
    """True: usage has no limit."""
    limit: Decimal | None = None
    """Most that may be used in a period."""
    usage: Decimal | None = None
    """What was used in this period."""
    remaining: Decimal | None = None
    """What is left: limit without usage."""
    reset_period: str | None = None
    """Period after which usage starts again: YEAR, MONTH, WEEK, DAY or HOUR."""
    period_ends_at: datetime | None = None
    """End of the present period."""


class CreditBalance(Model):
    """The credits that the customer has left in one currency."""

    currency_id: str
    """Id of the credit currency."""
    name: str | None = None
    """Name of the credit currency."""
    granted: Decimal
    """Credits of all active grants."""
    used: Decimal
    """Credits that were used, or are reserved."""
    balance: Decimal
    """What is left: granted without used."""
    next_expiring_grant_id: str | None = None
    """Active grant that expires next. Absent if none expires."""
    next_expires_at: datetime | None = None
    """When that grant expires."""
    next_expiring_amount: Decimal | None = None
    """Credits of that grant that are left."""


class AccountInvoice(Model):
    """An open invoice of the customer."""

    invoice_id: str | None = None
    """Id of the invoice at the billing provider."""
    subscription_id: str | None = None
    """Subscription whose latest invoice it is."""
    amount_due: Decimal | None = None
    """Amount due, in whole currency units."""
    currency: str | None = None
    """Currency of the amount due."""
    due_date: datetime | None = None
    """When it is due, if the billing provider lists it."""
    pdf_url: str | None = None
    """Address of the invoice as PDF, if it is the latest of a subscription."""


class AccountContract(Model):
    """A contract of the customer."""

    contract_id: str
    """Stigg contract id."""
    name: str | None = None
    """Name of the contract."""
    po_number: str | None = None
    """Number of the purchase order."""
    state: str | None = None
    """DRAFT, ACTIVE, CANCELED or END_BILLING."""
    starts_at: datetime | None = None
    """Agreed start."""
    ends_at: datetime | None = None
    """Agreed end."""
    subscription_ids: list[str]
    """Subscriptions of the contract."""


class MissingPart(Model):
    """A part of the answer that could not be read."""

    part: Literal["customer", "subscriptions", "entitlements", "creditGrants", "invoices", "contracts", "records"]
    """What is missing: customer, subscriptions, entitlements, creditGrants, invoices, contracts, or records (of the
    subscriptions, which then have those of their metadata)."""
    error_code: str
    """errorCode of the read."""
    message: str
    """The problem and what to do about it."""


class FoundCustomer(Answer):
    """The answer of get-customer. A part that could not be read is absent and listed in incomplete."""

    outcome: Literal["found", "incomplete"]
    """found, or incomplete (some parts could not be read; they are listed in incomplete)."""
    customer_id: str
    """Stigg customer id."""
    customer_url: str | None = None
    """URL of the customer in the Stigg app, if configured."""
    customer: CustomerView | None = None
    """The customer."""
    subscriptions: list[AccountSubscription] | None = None
    """Subscriptions that have not ended."""
    entitlements: list[AccountEntitlement] | None = None
    """Features that the customer may use."""
    credits: list[CreditBalance] | None = None
    """Credits by currency."""
    open_invoices: list[AccountInvoice] | None = None
    """Open invoices."""
    contracts: list[AccountContract] | None = None
    """Contracts."""
    blockers: list[Blocker]
    """What stands in the way of a new or changed subscription, as far as it was read."""
    incomplete: list[MissingPart]
    """Parts that could not be read."""
