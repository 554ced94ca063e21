"""The answer that tells what became of a subscription that was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.decimal_json import plain_number
from stigg_actions.models.amendments import item_name
from stigg_actions.models.subscription_changes import Change, ChangedSubscription, ScheduledChange
from stigg_actions.models.subscriptions import AddonQuantity
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.operations import iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from stigg_actions.stigg.wire import FutureUpdate, Subscription

type Picture = Mapping[str, str]
"""A subscription as text, by field."""

_NOT_SHOWN = (
    "billingPeriod", "appliedCoupon", "promotionCode", "billingInformation", "salesforceId"
)  # fmt: skip
_LISTS_NOT_SHOWN = ("charges", "entitlements", "priceOverrides")


def changed(
    after: Subscription, *, outcome: str, changes: Sequence[Change] = (), fallback_used: str | None = None
) -> ChangedSubscription:
    """Return the answer for a changed subscription; what changed is told where it was read before."""
    return ChangedSubscription.model_validate(
        {
            "outcome": outcome,
            **subscription_data(after),
            "changes": list(changes),
            "scheduled_changes": scheduled_changes(after),
            **given({"fallback_used": fallback_used}),
        }
    )


def subscription_data(subscription: Subscription) -> dict[str, Any]:
    """Return the fields of ``SubscriptionData``; what Stigg left empty is left out."""
    optional = {
        "resource_id": subscription.resource_id,
        "start_date": subscription.start_date,
        "cancellation_date": subscription.cancellation_date,
        "trial_end_date": subscription.trial_end_date,
    }
    return {
        "customer_id": subscription.customer_id,
        "subscription_id": subscription.id,
        "status": subscription.status,
        "active": subscription.is_active,
        "plan_id": subscription.plan_id,
        "addons": [AddonQuantity(id=addon.id, quantity=addon.quantity) for addon in subscription.addons],
        **given(optional),
    }


def scheduled_changes(subscription: Subscription) -> list[ScheduledChange]:
    """Return what waits for its time or for a payment."""
    return [_scheduled(update) for update in subscription.future_updates if update.is_waiting]


def picture(subscription: Subscription, remembered: Mapping[str, Any] | None = None) -> Picture:
    """Return what is known of a subscription: what Stigg shows, and of the rest what was last sent."""
    return {
        **dict(_shown(subscription)),
        **dict(_remembered(remembered or {})),
        **{f"scheduled.{one.change}": one.takes_effect_at or one.status for one in scheduled_changes(subscription)},
    }


def differences(before: Picture, after: Picture) -> list[Change]:
    """Return what differs between two pictures of a subscription."""
    fields = sorted(before.keys() | after.keys())
    return [
        Change.model_validate(given({"field": field, "before": before.get(field), "after": after.get(field)}))
        for field in fields
        if before.get(field) != after.get(field)
    ]


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def _shown(subscription: Subscription) -> Iterator[tuple[str, str]]:
    yield "status", subscription.status
    yield "planId", subscription.plan_id
    dates = {"cancellationDate": subscription.cancellation_date, "trialEndDate": subscription.trial_end_date}
    yield from ((name, _moment(value)) for name, value in dates.items() if value)
    money = {"minimumSpend": subscription.minimum_spend, "budget": subscription.budget}
    yield from ((name, decimal_json.dumps(value, sort=True)) for name, value in money.items() if value)
    yield from ((f"addons.{addon.id}", plain_number(addon.quantity)) for addon in subscription.addons)
    yield from (
        (f"metadata.{name}", value) for name, value in subscription.metadata.items() if name not in RESERVED_METADATA
    )


def _remembered(terms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((name, as_text(terms[name])) for name in _NOT_SHOWN if name in terms)
    for name in _LISTS_NOT_SHOWN:
        yield from ((f"{name}.{item_name(name, item)}", as_text(_amount(item))) for item in terms.get(name, ()))


def _amount(item: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what an item says beside its name
    rest = {name: value for name, value in item.items() if name not in {"id", "type"}}
    return rest["quantity"] if rest.keys() == {"quantity"} else rest


def as_text(value: Any) -> str:  # noqa: ANN401 - any term
    """Return a term as text: a text as it is, anything else as its JSON."""
    return value if isinstance(value, str) else decimal_json.dumps(value, sort=True).strip('"')


def _scheduled(update: FutureUpdate) -> ScheduledChange:
    moment = update.scheduled_execution_time
    fields = {
        "change": update.subscription_schedule_type or "UNKNOWN",
        "status": update.schedule_status,
        "takes_effect_at": _moment(moment) if moment else None,
        "plan_id": update.target_package.id if update.target_package else None,
    }
    return ScheduledChange.model_validate(given(fields))


def _moment(moment: datetime) -> str:
    return iso(moment.timestamp())
