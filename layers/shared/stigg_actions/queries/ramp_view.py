"""Show the ramp of a subscription, segment by segment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from stigg_actions.models.ramps import RampSegment
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.operation import KeyScope, Status, explicit_key
from stigg_actions.storage.ramps import step_key, stored_ramp
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.subscription_data import SubscriptionData
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import SubscriptionState
    from stigg_actions.storage.ramps import Ramp, Segment

type Shown = Subscription | SubscriptionData
"""A subscription as Stigg shows it, or as an answer does."""


def segments_of(state: SubscriptionState, subscription: Shown, deps: Deps) -> list[RampSegment]:
    """Return the segments of a subscription that has a ramp. The ledger is read only if a step is due."""
    ramp = cast("Ramp", stored_ramp(state))
    starts = [segment.starts_at for segment in ramp.segments]
    ends = [*starts[1:], ramp.ends_at]
    return [
        RampSegment.model_validate(
            {
                **_shown(segment),
                "end_date": _moment(ends[place]),
                **_state(ramp, place, subscription),
                **(_refused(state, ramp, deps) if _is_due(ramp, place, subscription, deps) else {}),
            }
        )
        for place, segment in enumerate(ramp.segments)
    ]


def _state(ramp: Ramp, place: int, subscription: Shown) -> dict[str, str]:
    segment, end = ramp.segments[place], subscription.cancellation_date
    if place > ramp.in_force:
        is_after_the_end = end is not None and segment.starts_at >= end.timestamp()
        is_canceled = ramp.is_over or subscription.status in ENDED or is_after_the_end
        return {"state": "canceled" if is_canceled else "waiting"}
    if place == ramp.in_force and subscription.status not in ENDED:
        return {"state": "current"}
    return {"state": "done" if segment.applied_at is not None else "passedOver"}


def _is_due(ramp: Ramp, place: int, subscription: Shown, deps: Deps) -> bool:
    return subscription.status not in ENDED and ramp.due(deps.clock.now()) == place


def _refused(state: SubscriptionState, ramp: Ramp, deps: Deps) -> dict[str, Any]:
    """Return the state of a step that was tried and is not applied, from its operation."""
    place = ramp.due(deps.clock.now()) or 0
    scope = KeyScope(deps.settings.environment, state.org_id or deps.settings.default_org_id, "step")
    operation = deps.ledger.newest(explicit_key(scope, step_key(state.subscription_id, ramp.sold_by, place)))
    if operation is None or not (operation.status is Status.FAILED or operation.awaits_payment):
        return {}
    error = (operation.error or {}).get("errorCode")
    return drop_none({"state": "refused", "operation_key": operation.operation_key, "error_code": error})


def _shown(segment: Segment) -> dict[str, Any]:
    terms = segment.terms
    price = terms.get("planBaseChargeOverride") or {}
    return {
        "start_date": _moment(segment.starts_at or None),
        "applied_at": _moment(segment.applied_at),
        "unit_quantity": terms.get("unitQuantity"),
        "base_charge": price.get("amount"),
        "base_charge_currency": price.get("currency"),
        "addons": list(terms.get("addons", ())),
        "entitlements": [_entitlement(item) for item in terms.get("entitlements", ())],
    }


def _entitlement(item: Mapping[str, Any]) -> dict[str, Any]:
    quantity = item.get("amount") if item.get("usageLimit") is None else item["usageLimit"]
    return {
        "id": item["id"],
        "type": item.get("type"),
        "quantity": quantity,
        "unlimited": item.get("hasUnlimitedUsage"),
    }


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
