"""What a step of a ramp changes: the items of a segment that differ from those of the segment in force."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.models.apply_ramp_step import ApplyRampStep
from stigg_actions.storage.ramps import step_key, stored_ramp
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.subscriptions.terms import by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.storage.mapping import SubscriptionState

_as_text = partial(decimal_json.dumps, sort=True)


def step_of(state: SubscriptionState, *, now: float) -> ApplyRampStep | None:
    """Return the step of a subscription that is due now, or None.

    Its key is the same until the ramp is sold again, so that a step is applied once. It is as old as the
    latest change of the subscription, so that it makes no older request look outdated.
    """
    ramp = stored_ramp(state)
    place = ramp.due(now) if ramp else None
    if ramp is None or place is None:
        return None
    as_of = state.latest.as_of if state.latest else None
    fields = {
        "subscriptionId": state.subscription_id,
        "salesforceOrgId": state.org_id,
        "idempotencyKey": step_key(state.subscription_id, ramp.sold_by, place),
        "asOf": None if as_of is None else datetime.fromtimestamp(as_of / 1000, UTC),
        "mode": "merge",
        "scheduleStrategy": "IMMEDIATE",
        "segment": place,
        "soldBy": ramp.sold_by,
        **differing(ramp.segments[ramp.in_force].terms, ramp.segments[place].terms),
    }
    return ApplyRampStep.stored(drop_none(fields))


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a renewal that lead from the terms of one segment to those of another."""
    return {**_units(before, after), **_price(before, after)} | {
        field: value
        for name, removes in (("addons", "removeAddons"), ("entitlements", "removeEntitlements"))
        for field, value in _items(name, removes, before, after).items()
    }


def _units(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    units = after.get("unitQuantity", 1)
    return {} if units == before.get("unitQuantity", 1) else {"unitQuantity": units}


def _price(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    price, former = after.get("planBaseChargeOverride"), before.get("planBaseChargeOverride")
    if _as_text(price) == _as_text(former):
        return {}
    return {"planBaseChargeOverride": price} if price else {"removePriceOverrides": ["baseCharge"]}


def _items(name: str, removes: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the items of a list that are new or have other values, and the names of those that are gone."""
    former, now = by_name(name, before.get(name, ())), by_name(name, after.get(name, ()))
    changed = [item for key, item in now.items() if _as_text(item) != _as_text(former.get(key))]
    gone = sorted(former.keys() - now.keys())
    return {**({name: changed} if changed else {}), **({removes: gone} if gone else {})}
