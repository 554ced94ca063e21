"""What Stigg answers, as far as this project reads it. Unknown fields and unknown enum values are let through."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel


def _none_to_empty(value: Any) -> Any:
    return [] if value is None else value


type Listed[T] = Annotated[list[T], BeforeValidator(_none_to_empty)]
type Metadata = Annotated[dict[str, str], BeforeValidator(lambda value: value or {})]


ENDED = frozenset({"CANCELED", "EXPIRED"})
"""The statuses of a subscription that is over for good."""


class WireModel(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True, extra="ignore", frozen=True)


class Customer(WireModel):
    """A customer (GET, POST and PATCH /api/v1/customers), with all fields that Stigg answers with."""

    id: str
    metadata: Metadata = Field(default_factory=dict)
    integrations: Listed[dict[str, Any]] = Field(default_factory=list)
    model_config = ConfigDict(extra="allow")

    def field(self, name: str) -> Any:
        """Return a field by its name on the wire, None if Stigg did not answer with it."""
        known = {"metadata": self.metadata, "integrations": self.integrations}
        return known.get(name, (self.model_extra or {}).get(name))


class SubscriptionAddon(WireModel):
    """An add-on of a subscription and its quantity."""

    id: str
    quantity: Decimal = Decimal(1)


class LatestInvoice(WireModel):
    """The latest invoice of a subscription; money in whole currency units."""

    status: str | None = None
    billing_id: str | None = None
    amount_due: Decimal | None = None
    currency: str | None = None
    pdf_url: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for payment."""
        return self.status == "OPEN"


class Coupon(WireModel):
    """A coupon that applies, or applied, to a subscription."""

    id: str
    status: str | None = None


class EntitlementReference(WireModel):
    """An entitlement that a subscription has over and above its plan's: which it is, but not how much."""

    id: str
    type: str | None = None


class Package(WireModel):
    """The plan that a scheduled change leads to."""

    id: str | None = None


class FutureUpdate(WireModel):
    """A change that is not in force yet: it waits for its time, or for a payment."""

    schedule_status: str | None = None
    subscription_schedule_type: str | None = None
    scheduled_execution_time: datetime | None = None
    target_package: Package | None = None

    @property
    def is_scheduled(self) -> bool:
        """Whether it waits for its time."""
        return self.schedule_status == "SCHEDULED"

    @property
    def awaits_payment(self) -> bool:
        """Whether it waits for a payment."""
        return self.schedule_status == "PENDING_PAYMENT"

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to come into force, for either reason."""
        return self.is_scheduled or self.awaits_payment


class Subscription(WireModel):
    """A subscription (GET /api/v1/subscriptions/{id}). Its billing period and its charges do not come back."""

    id: str
    customer_id: str
    plan_id: str
    status: str
    pricing_type: str | None = None
    payment_collection_method: str | None = None
    cancel_reason: str | None = None
    paying_customer_id: str | None = None
    resource_id: str | None = None
    addons: Listed[SubscriptionAddon] = Field(default_factory=list)
    coupons: Listed[Coupon] = Field(default_factory=list)
    subscription_entitlements: Listed[EntitlementReference] = Field(default_factory=list)
    minimum_spend: dict[str, Any] | None = None
    budget: dict[str, Any] | None = None
    created_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    cancellation_date: datetime | None = None
    trial_end_date: datetime | None = None
    current_billing_period_start: datetime | None = None
    current_billing_period_end: datetime | None = None
    future_updates: Listed[FutureUpdate] = Field(default_factory=list)
    latest_invoice: LatestInvoice | None = None
    metadata: Metadata = Field(default_factory=dict)

    @property
    def is_active(self) -> bool:
        """Whether it grants its entitlements now."""
        return self.status in {"ACTIVE", "IN_TRIAL"}

    @property
    def has_ended(self) -> bool:
        """Whether it is over for good."""
        return self.status in ENDED

    @property
    def owes(self) -> bool:
        """Whether its latest invoice waits for payment."""
        return self.latest_invoice is not None and self.latest_invoice.is_open

    @property
    def awaits_payment(self) -> bool:
        """Whether a change of it waits for a payment."""
        return any(update.awaits_payment for update in self.future_updates)

    @property
    def was_replaced(self) -> bool:
        """Whether it is over because another one took its place."""
        return self.has_ended and self.cancel_reason in {"UPGRADE_OR_DOWNGRADE", "TRIAL_CONVERTED"}


class Provisioned(WireModel):
    """The outcome of provisioning (POST /api/v1/subscriptions); without a subscription, payment is needed first."""

    id: str
    status: str
    subscription: Subscription | None = None
    checkout_url: str | None = None
    is_scheduled: bool | None = None

    @property
    def awaits_payment(self) -> bool:
        """Whether nothing comes into force before the payment page is paid."""
        return self.status == "PAYMENT_REQUIRED"


class GrantInvoice(WireModel):
    """The invoice of a paid grant."""

    payment_url: str | None = None


class CreditGrant(WireModel):
    """A credit grant (POST and GET /api/v1/credits/grants)."""

    id: str
    customer_id: str
    currency_id: str
    amount: Decimal
    status: str
    effective_at: datetime | None = None
    expire_at: datetime | None = None
    latest_invoice: GrantInvoice | None = None
    metadata: Metadata = Field(default_factory=dict)


class Pagination(WireModel):
    """Where a list goes on."""

    next: str | None = None


class Page(WireModel):
    """One page of a list, and the cursor of the next."""

    data: list[Any]
    pagination: Pagination = Pagination()


class WorkflowRun(WireModel):
    """What triggering a workflow came to (GraphQL ``triggerWorkflow``)."""

    success: bool
    response: Any = None
