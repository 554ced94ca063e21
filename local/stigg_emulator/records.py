"""What the emulator remembers: customers, subscriptions, invoices, credit grants and unpaid checkouts.

`sent` keeps fields as callers sent them; dates that the emulator acts on are fields of their own.
"""

from dataclasses import dataclass, field
from datetime import datetime

from local.stigg_emulator.addresses import provider_address
from local.stigg_emulator.catalog import Json, Plan

LIVE = frozenset({"NOT_STARTED", "IN_TRIAL", "ACTIVE", "PAYMENT_PENDING"})
RUNNING = LIVE - {"NOT_STARTED"}


@dataclass
class Customer:
    """A customer; `sent` holds every field but the id."""

    id: str
    sent: Json
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @property
    def currency(self) -> str:
        """The currency that the customer is billed in."""
        return str(self.sent.get("billingCurrency") or "usd")

    @property
    def can_be_charged(self) -> bool:
        """Whether a payment method is on file."""
        stripe = (self.sent.get("passthrough") or {}).get("stripe") or {}
        return bool(self.sent.get("defaultPaymentMethod") or stripe.get("paymentMethodId"))


@dataclass
class Invoice:
    """An invoice of a subscription or a grant. Only an overdue one blocks a replacement."""

    id: str
    customer_id: str
    owner_id: str
    amount: float
    currency: str
    created_at: datetime
    due_at: datetime
    status: str = "OPEN"
    reason: str = "SUBSCRIPTION_CREATION"
    overdue: bool = False
    paid_at: datetime | None = None


@dataclass
class UsageReport:
    """One report of usage: `amount` is what it added, of a total too; `at` is when the usage took place."""

    id: str
    customer_id: str
    feature_id: str
    resource_id: str | None
    value: float
    amount: float
    at: datetime
    reported_at: datetime
    key: str | None = None

    @property
    def place(self) -> tuple[str, str, str | None]:
        """What is counted together."""
        return self.customer_id, self.feature_id, self.resource_id


@dataclass
class FutureUpdate:
    """A change that waits for its time (SCHEDULED) or for a payment (PENDING_PAYMENT).

    Either `changes` go into the subscription, or the subscription `successor_id` takes its place.
    """

    at: datetime
    kind: str
    status: str = "SCHEDULED"
    changes: Json = field(default_factory=dict)
    successor_id: str | None = None
    target_plan_id: str | None = None


@dataclass
class Subscription:
    """A subscription. `sent` includes what Stigg never reads back: entitlements, charges, `salesforceId`, ..."""

    id: str
    customer_id: str
    plan: Plan
    sent: Json
    created_at: datetime
    start: datetime
    anchor: datetime
    status: str = "NOT_STARTED"
    trial_end: datetime | None = None
    trial_end_behavior: str = "CONVERT_TO_PAID"
    cancellation_date: datetime | None = None
    end: datetime | None = None
    cancel_reason: str | None = None
    invoice: Invoice | None = None
    coupon_since: datetime | None = None
    future_updates: list[FutureUpdate] = field(default_factory=list)

    @property
    def slot(self) -> tuple[str, str | None, str]:
        """Customer, resource and product: at most one subscription and one trial of each are live."""
        return self.customer_id, self.sent.get("resourceId"), self.plan.product.id

    @property
    def is_trial(self) -> bool:
        """Whether it is, or will start as, a trial."""
        return self.trial_end is not None and self.status in {"NOT_STARTED", "IN_TRIAL"}

    @property
    def billing_period(self) -> str | None:
        """MONTHLY, ANNUALLY or nothing; free plans are not billed."""
        return None if self.plan.pricing_type == "FREE" else self.sent.get("billingPeriod")

    @property
    def collection_method(self) -> str:
        """How payments are collected."""
        return str(self.sent.get("paymentCollectionMethod") or "CHARGE")


@dataclass
class Contract:
    """A contract; `sent` holds its name, purchase-order number and dates. Its state follows from its subscriptions.

    `key` is the id by which its subscriptions show it, `ref` the one that its caller chose.
    """

    key: str
    ref: str
    customer_id: str
    sent: Json
    created_at: datetime
    bills: bool
    subscription_ids: list[str] = field(default_factory=list)
    archived: bool = False


@dataclass
class ImportTask:
    """An import of subscriptions that was accepted and runs at that time."""

    id: str
    at: datetime
    items: list[Json]


@dataclass
class Checkout:
    """A payment page: a provision that waits for the customer to pay; nothing of it is active."""

    subscription: Subscription
    expires_at: datetime

    @property
    def url(self) -> str:
        """Where the customer pays."""
        return provider_address("c/pay", self.billing_id)

    @property
    def billing_id(self) -> str:
        """The checkout session's id at the billing provider."""
        return f"cs_{self.subscription.id}"


@dataclass
class Promotion:
    """A promotional entitlement. Granted again, it starts again, and keeps its id."""

    id: str
    customer_id: str
    sent: Json
    created_at: datetime
    start: datetime
    end: datetime | None

    @property
    def feature_id(self) -> str:
        """The feature that the customer has by it."""
        return str(self.sent["featureId"])

    @property
    def entitlement(self) -> Json:
        """What it entitles to, as a subscription's entitlements are written."""
        return {**self.sent, "type": "FEATURE", "id": self.feature_id}

    def status(self, now: datetime) -> str:
        """Active or Expired, at that time."""
        return "Expired" if self.end is not None and self.end <= now else "Active"


@dataclass
class Grant:
    """A credit grant; its status follows from its dates, its invoice and whether it was voided."""

    id: str
    sent: Json
    created_at: datetime
    updated_at: datetime
    effective_at: datetime
    expire_at: datetime | None
    invoice: Invoice | None = None
    voided_at: datetime | None = None
    consumed: float = 0

    def status(self, now: datetime) -> str:
        """PAYMENT_PENDING, ACTIVE, EXPIRED, VOIDED or SCHEDULED, at that time."""
        if self.voided_at is not None:
            return "VOIDED"
        if self.invoice is not None and self.invoice.status == "OPEN":
            return "PAYMENT_PENDING"
        if self.expire_at is not None and self.expire_at <= now:
            return "EXPIRED"
        return "SCHEDULED" if self.effective_at > now else "ACTIVE"
