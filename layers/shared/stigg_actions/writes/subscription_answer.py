"""The answer that tells what became of a subscription that was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.decimal_json import plain_number
from stigg_actions.models.subscription_changes import Change, ChangedSubscription
from stigg_actions.models.subscriptions import AddonQuantity
from stigg_actions.operations import iso

if TYPE_CHECKING:
    from datetime import datetime

    from stigg_actions.stigg.wire import Subscription


def changed(
    after: Subscription, *, outcome: str, before: Subscription | None = None, fallback_used: str | None = None
) -> ChangedSubscription:
    """Return the answer for a changed subscription; what changed is told where it was read before."""
    optional = {
        "resource_id": after.resource_id,
        "start_date": after.start_date,
        "cancellation_date": after.cancellation_date,
        "trial_end_date": after.trial_end_date,
        "fallback_used": fallback_used,
    }
    return ChangedSubscription.model_validate(
        {
            "outcome": outcome,
            "customer_id": after.customer_id,
            "subscription_id": after.id,
            "status": after.status,
            "active": after.is_active,
            "plan_id": after.plan_id,
            "addons": [AddonQuantity(id=addon.id, quantity=addon.quantity) for addon in after.addons],
            "changes": differences(before, after) if before else [],
            **{name: value for name, value in optional.items() if value is not None},
        }
    )


def differences(before: Subscription, after: Subscription) -> list[Change]:
    """Return what differs between two readings of a subscription, as text, by field."""
    was, is_now = _readable(before), _readable(after)
    fields = sorted(was.keys() | is_now.keys())
    return [
        _change(field, was.get(field), is_now.get(field)) for field in fields if was.get(field) != is_now.get(field)
    ]


def _readable(subscription: Subscription) -> dict[str, str]:
    dates = {
        "cancellationDate": _moment(subscription.cancellation_date),
        "trialEndDate": _moment(subscription.trial_end_date),
    }
    return {
        "status": subscription.status,
        **{name: value for name, value in dates.items() if value},
        **{f"addons.{addon.id}": plain_number(addon.quantity) for addon in subscription.addons},
        **{f"metadata.{name}": value for name, value in subscription.metadata.items()},
    }


def _moment(moment: datetime | None) -> str | None:
    return iso(moment.timestamp()) if moment else None


def _change(field: str, before: str | None, after: str | None) -> Change:
    given = {"field": field, "before": before, "after": after}
    return Change.model_validate({name: value for name, value in given.items() if value is not None})
