"""Describe an add-on or entitlement whose line was removed. It is a part of its plan's subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.provision_opportunity import ADDON
from stigg_actions.opportunities.left_alone import by_history
from stigg_actions.stigg.schemas import ENDED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.opportunities.results_by_line import Aftermath
    from stigg_actions.storage.mapping import MappedSubscription
    from stigg_actions.storage.opportunity_lines import NotedLine


def of_a_part(line_id: str, noted: NotedLine, after: Aftermath, deps: Deps) -> str:
    """Describe a removed line that was a part of a plan's subscription."""
    if noted.delta:
        return _of_a_delta(noted)
    plan_line_id, known = str(noted.plan_line_id), after.situation.known
    current, part = known.current(plan_line_id), after.part(plan_line_id)
    others = [line for line in part.attached if line.item.stigg_id == noted.stigg_id] if part else []
    if part is not None and others:
        return _of_others(line_id, noted, others, part.line.id, after)
    if current is None:
        record = known.records[plan_line_id]
        return f"Its plan no longer has a subscription: {by_history(record, deps).what}."
    replaced = after.replaced(current.subscription_id)
    if replaced is not None and part is None:
        new, line = replaced
        return f"It ended with subscription {current.subscription_id}, which {new} of line {line} replaced."
    if current.status in ENDED:
        return f"It ended with subscription {current.subscription_id}."
    return _of_none(noted, current, known.terms(current))


def _of_others(line_id: str, noted: NotedLine, others: list[Line], plan_line_id: str, after: Aftermath) -> str:
    """Describe a part that other lines of the plan give now."""
    taker = after.taker(line_id)
    names = ", ".join(line.id for line in others)
    who = f"Line {taker} replaced it" if taker else f"Now given by line {names}"
    change = after.change(plan_line_id, f"{_list_of(noted)}.{noted.stigg_id}")
    if change is not None:
        return f"{who}: {noted.stigg_id} went from {change.before or 'none'} to {change.after or 'none'}."
    if noted.stigg_type != ADDON:
        return f"{who}."
    return f"{who}: {sum(line.item.quantity or 0 for line in others):f} in total."


def _of_a_delta(noted: NotedLine) -> str:
    """Describe a line that changed a quantity, which other lines may have given."""
    change = f"Its change of {noted.stigg_id} by {noted.quantity}"
    return f"{change} was taken back." if noted.canceled else f"{change} stays; removed cancel takes it back."


def _of_none(noted: NotedLine, current: MappedSubscription, terms: Mapping[str, Any]) -> str:
    """Describe a part that no line gives now, from the terms that were last given."""
    where, (what, remove) = f"subscription {current.subscription_id}", _CALLED[_list_of(noted)]
    given = {item["id"]: item for item in terms.get(_list_of(noted), ())}
    if terms and noted.stigg_id not in given:
        return f"Its {what} {noted.stigg_id} is not part of {where}."
    quantity = given.get(noted.stigg_id, {}).get("quantity")
    amount = f" ({quantity})" if quantity is not None else ""
    return f"Its {what} {noted.stigg_id}{amount} stays on {where}; use update-subscription with {remove} to remove it."


def _list_of(noted: NotedLine) -> str:
    return "addons" if noted.stigg_type == ADDON else "entitlements"


_CALLED = {"addons": ("add-on", "removeAddons"), "entitlements": ("entitlement", "removeEntitlements")}
