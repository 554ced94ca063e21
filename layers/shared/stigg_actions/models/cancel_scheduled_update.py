"""The request and the answer of cancel-scheduled-update."""

from typing import Annotated, Literal

from stigg_actions.models.subscription_data import ScheduledChange, SubscriptionAnswer
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.values import choice


class CancelScheduledUpdate(SubscriptionRequest):
    """The request of cancel-scheduled-update."""

    waits_for: Annotated[Literal["date", "payment"] | None, choice("date", "payment")] = None
    """Drop only what waits for its date, or only what waits for a payment. Left out: both."""


class DroppedChange(ScheduledChange):
    """A change that will not take effect."""

    subscription_id: str | None = None
    """With change SUBSCRIPTION: the subscription that was never paid for."""


class DroppedUpdates(SubscriptionAnswer):
    """The answer of cancel-scheduled-update."""

    outcome: Literal["dropped", "unchanged", "superseded"]
    """dropped, unchanged (nothing waited) or superseded (skipped, because a change newer than asOf was made)."""
    dropped: list[DroppedChange]
    """What was dropped. In addition to Stigg's names, change may be SUBSCRIPTION: a subscription of the record that
    awaited its first payment."""
    scheduled_changes: list[ScheduledChange]
    """Changes that still wait for their time or for a payment."""
