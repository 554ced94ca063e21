"""The answer that tells what became of a subscription that was changed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.models.subscription_changes import Change, ChangedSubscription, ScheduledChange
from stigg_actions.models.subscription_data import AddonQuantity
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.operations import iso
from stigg_actions.writes.standing_terms import LISTS, by_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stigg_actions.stigg.wire import FutureUpdate, Subscription
    from stigg_actions.writes.standing_terms import StandingTerms

type Picture = Mapping[str, str]
"""A subscription as text, by field."""


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


def picture(standing: StandingTerms) -> Picture:
    """Return what is known of a subscription: what Stigg shows, and of the rest what was last sent."""
    current = standing.current
    return {
        "status": current.status,
        **picture_of(standing.known()),
        **{f"scheduled.{one.change}": one.takes_effect_at or one.status for one in scheduled_changes(current)},
    }


def picture_of(terms: Mapping[str, Any]) -> Picture:
    """Return terms as text: a list and the metadata item by item, without the marks of the actions."""
    return dict(pair for name, value in terms.items() if value is not None for pair in _pairs(name, value))


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


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any term
    if name == "metadata":
        yield from ((f"metadata.{key}", text) for key, text in value.items() if key not in RESERVED_METADATA)
    elif name in LISTS:
        yield from ((f"{name}.{key}", _as_text(_amount(item))) for key, item in by_name(name, value).items())
    else:
        yield name, _as_text(value)


def _amount(item: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what an item says beside its name
    rest = {name: value for name, value in item.items() if name not in {"id", "type"}}
    return rest["quantity"] if rest.keys() == {"quantity"} else rest


def _as_text(value: Any) -> str:  # noqa: ANN401 - any term
    match value:
        case str():
            return value
        case datetime():
            return _moment(value)
        case _:
            return decimal_json.dumps(value, sort=True)


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
