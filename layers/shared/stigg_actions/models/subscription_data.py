"""What the answers about subscriptions share."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from stigg_actions.models.base import Answer, Model, SupersededAnswer
from stigg_actions.models.price import Blocker, Price


class AddonQuantity(Model):
    """An add-on of a subscription and its quantity."""

    id: str
    """Id of the add-on."""
    quantity: Decimal
    """Quantity of the add-on."""


class ScheduledChange(Model):
    """A change that is not in force yet."""

    change: str
    """Stigg's name for the change: ADDON, BILLING_PERIOD, COUPON, DOWNGRADE, PLAN, PRICE_OVERRIDE, UNIT_AMOUNT, ..."""
    status: str
    """SCHEDULED (waits for its time) or PENDING_PAYMENT (waits for a payment)."""
    takes_effect_at: datetime | None = None
    """When it takes effect, if that is known."""
    plan_id: str | None = None
    """New plan, if the plan changes."""


class SubscriptionIdentity(Model):
    """The ids, status and plan of a subscription."""

    customer_id: str
    """Stigg customer id."""
    subscription_id: str
    """Stigg subscription id."""
    status: str
    """Status of the subscription: ACTIVE, IN_TRIAL, NOT_STARTED, PAYMENT_PENDING, CANCELED or EXPIRED; PAYMENT_REQUIRED
    while it is not active because payment is needed first."""
    active: bool
    """True: the subscription is active or in trial now."""
    plan_id: str
    """Stigg plan id."""


class SubscriptionData(SubscriptionIdentity):
    """A subscription as Stigg returns it."""

    resource_id: str | None = None
    """Resource of the subscription."""
    addons: list[AddonQuantity]
    """Add-ons and their quantities."""
    start_date: datetime | None = None
    """Start of the subscription."""
    cancellation_date: datetime | None = None
    """Date on which it ends, if it has one."""
    trial_end_date: datetime | None = None
    """Date on which its trial ends."""


class SubscriptionAnswer(SubscriptionData, SupersededAnswer, Answer):
    """An answer about one subscription."""


class ProvisionedAnswer(SubscriptionAnswer):
    """An answer about a subscription that may be new, and about the one that it replaced."""

    customer_url: str | None = None
    """URL of the customer in the Stigg app, if configured."""
    checkout_url: str | None = None
    """Payment page, if payment is needed first and checkoutOptions were given."""
    what_to_do: str | None = None
    """What to do if payment is needed first and Stigg created no payment page."""
    replaced_subscription_id: str | None = None
    """Subscription that this one replaced."""


class Change(Model):
    """A field that changed, with its values before and after as text."""

    field: str
    """What changed, such as addons.addon-seats."""
    before: str | None = None
    """Value before the change; absent if there was none."""
    after: str | None = None
    """Value after the change; absent if there is none."""


class Timing(Model):
    """Dry run: when the change would take effect. Absent if the call would change nothing."""

    takes_effect: Literal["now", "later"] | None = None
    """Dry run: now, or later (scheduled). Absent if the call would change nothing."""
    takes_effect_at: datetime | None = None
    """Dry run: date on which a later change takes effect, if it is known."""


class DryRunResult(Price, Timing):
    """What the same request without dryRun would do."""

    outcome: str
    """Outcome that the call would have, if nothing changes until then and no payment is needed first."""
    changes: list[Change]
    """Differences between the present and the requested state, field by field."""
    blockers: list[Blocker]
    """Reasons why the call would be refused. Then outcome says what it would do without them."""
    fallback_used: str | None = None
    """What would be done instead, because Stigg does not allow the request."""
    not_priced: list[str] | None = None
    """Terms that Stigg's price calculation ignores, if the change has a price."""


class ChangedSubscription(SubscriptionAnswer):
    """The answer of the actions that change a subscription in place."""

    outcome: Literal["updated", "unchanged", "scheduled", "canceled", "paymentRequired", "dryRun", "superseded"]
    """updated, unchanged (it was already as requested), scheduled (takes effect later), canceled (it has ended),
    paymentRequired (takes effect once it is paid), dryRun (no change was made) or superseded (skipped, because a change
    newer than asOf was made)."""
    changes: list[Change]
    """What changed."""
    scheduled_changes: list[ScheduledChange]
    """Changes that wait for their time or for a payment, this one or others."""
    fallback_used: str | None = None
    """What was done instead, if Stigg did not allow the request."""
    dry_run_result: DryRunResult | None = None
    """Outcome dryRun: what the call would do."""
    canceled_segments: int | None = None
    """Later segments of its ramp that do not take place, because the subscription ends before."""
