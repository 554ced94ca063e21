"""What the answers about a subscription share."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from stigg_actions.models.base import Answer, Model, SupersededAnswer


class AddonQuantity(Model):
    """An add-on of a subscription and its quantity."""

    id: str
    """Id of the add-on."""
    quantity: Decimal
    """Quantity of the add-on."""


class ScheduledChange(Model):
    """A change that is not in force yet."""

    change: str
    """What is to change, in Stigg's word: ADDON, BILLING_PERIOD, COUPON, DOWNGRADE, PLAN, PRICE_OVERRIDE, UNIT_AMOUNT,
    ..."""
    status: str
    """SCHEDULED (waits for its time) or PENDING_PAYMENT (waits for a payment)."""
    takes_effect_at: datetime | None = None
    """When it takes effect, if that is known."""
    plan_id: str | None = None
    """Plan that it leads to, if it is a change of plan."""


class SubscriptionIdentity(Model):
    """Which subscription, whose, and whether it is in force."""

    customer_id: str
    """Stigg customer id."""
    subscription_id: str
    """Stigg subscription id."""
    status: str
    """Status of the subscription: ACTIVE, IN_TRIAL, NOT_STARTED, PAYMENT_PENDING, CANCELED or EXPIRED; PAYMENT_REQUIRED
    while nothing is active because payment is needed first."""
    active: bool
    """True: the subscription is active or in trial now."""
    plan_id: str
    """Stigg plan id."""


class SubscriptionData(SubscriptionIdentity):
    """A subscription as Stigg has it."""

    resource_id: str | None = None
    """Resource of the subscription."""
    addons: list[AddonQuantity]
    """Add-ons and their quantities."""
    start_date: datetime | None = None
    """Start of the subscription."""
    cancellation_date: datetime | None = None
    """Date on which it ends by itself."""
    trial_end_date: datetime | None = None
    """Date on which its trial ends."""


class SubscriptionAnswer(SubscriptionData, SupersededAnswer, Answer):
    """An answer that tells of one subscription."""


class ProvisionedAnswer(SubscriptionAnswer):
    """An answer that tells of a subscription that may be new, and of what it replaced."""

    customer_url: str | None = None
    """The customer in the Stigg app, where configured."""
    checkout_url: str | None = None
    """Payment page, when payment is needed first and checkoutOptions were given."""
    what_to_do: str | None = None
    """What to do, when payment is needed first and Stigg made no payment page."""
    replaced_subscription_id: str | None = None
    """Subscription that ended because this one took its place."""


class Change(Model):
    """One thing that changed, before and after, as text."""

    field: str
    """What changed, such as addons.addon-seats."""
    before: str | None = None
    """What it was; absent if there was none."""
    after: str | None = None
    """What it is; absent if there is none."""


class ChangedSubscription(SubscriptionAnswer):
    """The answer of the actions that change a subscription in place."""

    outcome: Literal["updated", "unchanged", "scheduled", "canceled", "paymentRequired", "superseded"]
    """updated, unchanged (it was so already), scheduled (takes effect later), canceled (it has ended), paymentRequired
    (takes effect once it is paid) or superseded (something newer than asOf was done; nothing changed)."""
    changes: list[Change]
    """What changed."""
    scheduled_changes: list[ScheduledChange]
    """What waits for its time or for a payment, this change or another."""
    fallback_used: str | None = None
    """What was done instead, where Stigg did not allow what was asked."""
