"""Convert a subscription of Stigg to the fields of our answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.subscription_data import AddonQuantity, ScheduledChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.stigg.schemas import FutureUpdate, Subscription


def subscription_identity(subscription: Subscription) -> dict[str, Any]:
    """Return the fields of ``SubscriptionIdentity``."""
    return {
        "customer_id": subscription.customer_id,
        "subscription_id": subscription.id,
        "status": subscription.status,
        "active": subscription.is_active,
        "plan_id": subscription.plan_id,
    }


def subscription_data(subscription: Subscription) -> dict[str, Any]:
    """Return the fields of ``SubscriptionData``, without those that are empty in Stigg."""
    optional = {
        "resource_id": subscription.resource_id,
        "start_date": subscription.start_date,
        "cancellation_date": subscription.cancellation_date,
        "trial_end_date": subscription.trial_end_date,
    }
    return {
        **subscription_identity(subscription),
        "addons": [AddonQuantity(id=addon.id, quantity=addon.quantity) for addon in subscription.addons],
        **drop_none(optional),
    }


def present_data(subscription: Subscription) -> dict[str, Any]:
    """Return the fields of ``SubscriptionData``, with None for those empty in Stigg, to override older ones."""
    empty = dict.fromkeys(("resource_id", "start_date", "cancellation_date", "trial_end_date"))
    return {**empty, **subscription_data(subscription)}


def scheduled_changes(subscription: Subscription) -> list[ScheduledChange]:
    """Return the changes that wait for their time or for a payment."""
    return [_scheduled(update) for update in subscription.future_updates if update.is_waiting]


def drop_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def _scheduled(update: FutureUpdate) -> ScheduledChange:
    fields = {
        "change": update.subscription_schedule_type or "UNKNOWN",
        "status": update.schedule_status,
        "takes_effect_at": update.scheduled_execution_time,
        "plan_id": update.target_package.id if update.target_package else None,
    }
    return ScheduledChange.model_validate(drop_none(fields))
