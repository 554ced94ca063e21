"""A subscription as the mapping of its record stores it, from the answer about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.storage.dates import with_dates_of
from stigg_actions.storage.mapping import MappedSubscription

if TYPE_CHECKING:
    from stigg_actions.models.subscription_data import SubscriptionAnswer


def mapped(answer: SubscriptionAnswer, operation_key: str, checkout_url: str | None = None) -> MappedSubscription:
    """Return the subscription of an answer as an operation maps it; with its start, if that lies ahead."""
    starts = answer.start_date if answer.status == "NOT_STARTED" else None
    subscription = MappedSubscription(
        answer.subscription_id,
        answer.plan_id,
        answer.status,
        operation_key,
        answer.resource_id,
        checkout_url,
        starts_at=int(starts.timestamp()) if starts else None,
    )
    return with_dates_of(subscription, answer)
