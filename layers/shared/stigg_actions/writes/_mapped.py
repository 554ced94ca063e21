"""A subscription as the mapping of its record stores it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from stigg_actions.storage.dates import with_dates_of
from stigg_actions.storage.mapping import MappedSubscription

if TYPE_CHECKING:
    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.snapshot import Run


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


def mapped_end(run: Run, replaced: Subscription) -> datetime | None:
    """Return the date on which a replaced subscription was to end, as its mapping has it: Stigg shows when it ended."""
    current = run.snapshot.record.current if run.snapshot.record else None
    end = current.cancellation_date if current and current.subscription_id == replaced.id else None
    return None if end is None else datetime.fromisoformat(end)
