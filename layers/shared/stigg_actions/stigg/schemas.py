"""Stigg's answers about subscriptions, as far as they are read here.

Fields that decisions depend on must be valid, or the answer is unreadable: ids, plan, status, dates. Other fields may
be absent, null, a new value or of another type. Fields that are not read may have any value.
"""

from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, PrivateAttr, model_validator
from pydantic.alias_generators import to_camel

from stigg_actions.stigg.schema_values import (
    Amount,
    Budget,
    Flag,
    Key,
    Lenient,
    Listed,
    MaybeKey,
    Metadata,
    MinimumSpend,
    Moment,
    Said,
    ShownMoment,
    Whole,
    Word,
)

ENDED = frozenset({"CANCELED", "EXPIRED"})
"""The statuses of a subscription that has ended."""


class WireModel(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True, extra="ignore", frozen=True)


class SubscriptionAddon(WireModel):
    """An add-on of a subscription and its quantity."""

    id: Word
    quantity: Whole = Decimal(1)


class LatestInvoice(WireModel):
    """The latest invoice of a subscription; money in whole currency units."""

    status: Said = None
    billing_id: Said = None
    amount_due: Amount = None
    currency: Said = None
    pdf_url: Said = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for payment."""
        return self.status == "OPEN"


class Coupon(WireModel):
    """A coupon that applies, or applied, to a subscription."""

    id: Word
    status: Said = None


class EntitlementReference(WireModel):
    """An entitlement of a subscription in addition to its plan's, without its limit or amount."""

    id: Word
    type: Said = None


class Package(WireModel):
    """The plan that a scheduled change leads to."""

    id: Said = None


class FutureUpdate(WireModel):
    """A change that has not taken effect yet: it waits for its time, or for a payment."""

    schedule_status: Said = None
    subscription_schedule_type: Said = None
    scheduled_execution_time: ShownMoment = None
    target_package: Lenient[Package] = None

    @property
    def is_scheduled(self) -> bool:
        """Whether it waits for its time."""
        return self.schedule_status == "SCHEDULED"

    @property
    def awaits_payment(self) -> bool:
        """Whether it waits for a payment."""
        return self.schedule_status == "PENDING_PAYMENT"

    @property
    def is_migration(self) -> bool:
        """Whether it will give the subscription the newest version of its plan."""
        return self.is_waiting and self.subscription_schedule_type == "MIGRATE_TO_LATEST"

    @property
    def is_waiting(self) -> bool:
        """Whether it has yet to take effect, for either reason."""
        return self.is_scheduled or self.awaits_payment


class Trial(WireModel):
    """How a subscription's trial ends."""

    trial_end_behavior: Said = None


class Price(WireModel):
    """A price of a subscription, of which only the currency is read."""

    currency: Said = None


class Subscription(WireModel):
    """A subscription (GET /api/v1/subscriptions/{id}). Stigg does not return its billing period and charges."""

    id: Key
    customer_id: Key
    plan_id: Word
    status: Word
    pricing_type: Said = None
    payment_collection_method: Said = None
    cancel_reason: Said = None
    paying_customer_id: Said = None
    contract_id: Said = None
    resource_id: MaybeKey = None
    addons: Listed[SubscriptionAddon] = Field(default_factory=list)
    coupons: Listed[Coupon] = Field(default_factory=list)
    subscription_entitlements: Listed[EntitlementReference] = Field(default_factory=list)
    prices: Listed[Price] = Field(default_factory=list)
    minimum_spend: MinimumSpend = None
    budget: Budget = None
    created_at: ShownMoment = None
    start_date: Moment = None
    end_date: Moment = None
    cancellation_date: Moment = None
    trial_end_date: Moment = None
    trial: Lenient[Trial] = None
    current_billing_period_start: Moment = None
    current_billing_period_end: Moment = None
    future_updates: Listed[FutureUpdate] = Field(default_factory=list)
    latest_invoice: Lenient[LatestInvoice] = None
    metadata: Metadata = Field(default_factory=dict)
    _unread: frozenset[str] = PrivateAttr(frozenset())

    @model_validator(mode="wrap")
    @classmethod
    def _note_what_was_unread(cls, shown: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        subscription, parts = read(shown), dict(shown)
        subscription._unread = frozenset(  # noqa: SLF001 - its own
            term for term, (name, field) in _PARTS.items() if _lost(parts.get(name), getattr(subscription, field))
        )
        return subscription

    def is_unread(self, term: str) -> bool:
        """Whether Stigg's answer has parts of a term that cannot be read. The term has its name in Stigg's requests."""
        return term in self._unread

    @property
    def is_active(self) -> bool:
        """Whether it grants its entitlements now."""
        return self.status in {"ACTIVE", "IN_TRIAL"}

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self.status in ENDED

    @property
    def is_trial(self) -> bool:
        """Whether it is a trial, or will start as one."""
        return self.status == "IN_TRIAL" or (self.status == "NOT_STARTED" and self.trial_end_date is not None)

    @property
    def currency(self) -> str | None:
        """The currency of its prices or its minimum spend, if it shows one."""
        spend = (self.minimum_spend or {}).get("currency")
        return next((price.currency for price in self.prices if price.currency), spend)

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
        """Whether it has ended because another subscription replaced it."""
        return self.has_ended and self.cancel_reason in {"UPGRADE_OR_DOWNGRADE", "TRIAL_CONVERTED"}


_PARTS = {
    "addons": ("addons", "addons"),
    "appliedCoupon": ("coupons", "coupons"),
    "budget": ("budget", "budget"),
    "entitlements": ("subscriptionEntitlements", "subscription_entitlements"),
    "minimumSpend": ("minimumSpend", "minimum_spend"),
}
"""The terms that consist of parts in Stigg's answers, with their names there and here."""


def _lost(shown: Any, read: Any) -> bool:
    """Whether Stigg's answer has a part that was not read completely."""
    if isinstance(shown, list):
        return len(shown) > len(read or ())
    return bool(shown) and not read


class Provisioned(WireModel):
    """The outcome of provisioning (POST /api/v1/subscriptions); without a subscription, payment is needed first."""

    id: Key
    status: Word
    subscription: Lenient[Subscription] = None
    checkout_url: Said = None
    is_scheduled: Flag = None

    @property
    def awaits_payment(self) -> bool:
        """Whether it takes effect only after the payment page is paid."""
        return self.status == "PAYMENT_REQUIRED"


class Named(WireModel):
    """An answer that only names what was changed."""

    id: Word


class WorkflowRun(WireModel):
    """The result of triggering a workflow (GraphQL ``triggerWorkflow``)."""

    success: bool
    response: Any = None
