"""Turn the differences that lines give into totals, from what their subscription has now."""

from __future__ import annotations

from copy import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.errors import RequestInvalid
from stigg_actions.models.provision_opportunity import ADDON, ENTITLEMENT, PLAN
from stigg_actions.opportunities.applied_deltas import UNITS, item_of
from stigg_actions.opportunities.lines import PlanPart
from stigg_actions.opportunities.quantity_modes import is_changed, with_quantity
from stigg_actions.storage.opportunity_lines import NotedLine
from stigg_actions.subscriptions.terms import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stigg_actions.opportunities.applied_deltas import Item
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.subscriptions.terms import SubscriptionTerms

_GIVE_A_TOTAL = "give the total with quantityMode total"
_NOT_OF_A_PLAN = {"billing_period": None, "override_base_charge": None, "subscription_id": None, "unit_price": None}
_STATED_BY = {"addons": "addons", "entitlements": "entitlements", UNITS[0]: "charges"}
"""The term whose waiting change makes a quantity uncertain."""


class Totals(NamedTuple):
    """A plan's lines with totals, what is removed of its subscription, and the entitlements that stay as they are.

    Lines whose total does not change are left out, so that they undo no change of another request.
    """

    part: PlanPart
    removed: tuple[NotedLine, ...]
    running: Mapping[str, Mapping[str, Any]]


def of_new(part: PlanPart) -> PlanPart:
    """Return the lines of a plan without a subscription: a difference to none is a total.

    Raises:
        RequestInvalid: a difference is not above 0.
    """
    for line in part.lines:
        quantity = line.item.quantity or 0
        if line.item.is_delta and (quantity < 0 or (quantity == 0 and line is part.plan)):
            problem = f"is the difference {quantity:f}, but the line has no subscription yet that it could change"
            raise RequestInvalid([line.problem("quantity", f"{problem}; name it in subscriptionId of the plan's line")])
    attached = [line for line in part.attached if not is_changed(line) or line.item.quantity]
    return PlanPart(_total(part.plan), tuple(map(_total, attached)))


def of_unchanged(part: PlanPart) -> Totals:
    """Return the lines of a plan without those that give differences: no difference is due."""
    plan = with_quantity(part.plan, None) if part.plan.item.is_delta else part.plan
    attached = tuple(line for line in part.attached if not is_changed(line))
    none = {item_of(line) for line in part.attached if line.item.is_none_in_total} - set(map(item_of, attached))
    return Totals(PlanPart(plan, attached), tuple(sorted(map(_removed, none))), {})


def of_running(part: PlanPart, net: Mapping[Item, Decimal], terms: SubscriptionTerms) -> Totals:
    """Return the lines of a plan with the totals that its subscription has after the differences.

    Raises:
        RequestInvalid: a total would be below 0, or what the subscription has now is not known.
    """
    rest, first = of_unchanged(part), _first(part)
    totals = {item: _after(item, quantity, part, terms) for item, quantity in net.items()}
    changed = [with_quantity(first.get(item) or _taken_back(item, part), total) for item, total in totals.items()]
    attached = [line for line in changed if line.item.stigg_type != PLAN and not _is_none(line)]
    removed = {item_of(line) for line in changed if _is_none(line)} - set(map(item_of, rest.part.attached))
    plan = with_quantity(part.plan, totals[UNITS]) if UNITS in totals else rest.part.plan
    running = {str(item["id"]): item for item in _entitlements(terms) if ("entitlements", item["id"]) in totals}
    whole = PlanPart(plan, (*rest.part.attached, *attached))
    return Totals(whole, tuple(sorted({*rest.removed, *map(_removed, removed)})), running)


def _after(item: Item, net: Decimal, part: PlanPart, terms: SubscriptionTerms) -> Decimal:
    line = _first(part).get(item)
    now = _running(item, line or part.plan, terms)
    total = now + net
    least = 1 if item == UNITS else 0
    if line is None:  # the line that added it is gone: take back what is left of it
        return max(total, Decimal(least))
    if total < least:
        remedy = "to end it, use cancel-subscription" if item == UNITS else "reduce it by no more than it has"
        has = f"its subscription {terms.current.id} has {now:f} now, so that {total:f} would be left"
        raise RequestInvalid([line.problem("quantity", f"changes the quantity by {net:f}, but {has}; {remedy}")])
    return total


def _running(item: Item, line: Line, terms: SubscriptionTerms) -> Decimal:
    """Return how many a subscription has now."""
    kind, name = item
    if terms.deferred(_STATED_BY[kind]):
        problem = f"cannot be changed by a difference, because a change of {terms.current.id} waits"
        raise _unclear(line, f"{problem}; drop it with cancel-scheduled-update, or {_GIVE_A_TOTAL}")
    value = terms.value("unitQuantity" if item == UNITS else kind)
    if value is UNKNOWN:
        raise _unclear(line, f"is a difference, but Stigg does not return what {terms.current.id} has; {_GIVE_A_TOTAL}")
    if item == UNITS:
        return Decimal(1 if value is None else value)
    found = next((part for part in value if part["id"] == name), None)
    if kind == "addons":
        return Decimal(found["quantity"] if found else 0)
    quantity = (found or {}).get("usageLimit", (found or {}).get("amount"))
    if quantity is None:
        what = (
            "is unlimited there" if found else "is not granted with the subscription itself, only by its plan if at all"
        )
        raise _unclear(line, f"is a difference, but {name} {what}; {_GIVE_A_TOTAL}")
    return Decimal(quantity)


def _unclear(line: Line, problem: str) -> RequestInvalid:
    return RequestInvalid([line.problem("quantity", problem)])


def _first(part: PlanPart) -> dict[Item, Line]:
    """Return the first line of each item that is given as a difference. It carries the total of all."""
    found: dict[Item, Line] = {}
    for line in part.lines:
        if line.item.is_delta:
            found.setdefault(item_of(line), line)
    return found


def _is_none(line: Line) -> bool:
    """Whether nothing is left of an add-on or of credits. A feature may have a limit of 0."""
    return not line.item.quantity and (item_of(line)[0] == "addons" or line.item.credit_currency_id is not None)


def _taken_back(item: Item, part: PlanPart) -> Line:
    """Return a line for what a removed line added, in the place of the plan's."""
    kind, name = item
    stigg_type = PLAN if item == UNITS else ADDON if kind == "addons" else ENTITLEMENT
    fields = {"stigg_type": stigg_type, "stigg_id": name or part.plan.item.stigg_id}
    return replace(part.plan, item=part.plan.item.model_copy(update={**fields, **_NOT_OF_A_PLAN}))


def _removed(item: Item) -> NotedLine:
    return NotedLine(ADDON if item[0] == "addons" else "Entitlement", item[1])


def _total(line: Line) -> Line:
    return with_quantity(line, line.item.quantity) if line.item.is_delta else line


def _entitlements(terms: SubscriptionTerms) -> Iterable[Mapping[str, Any]]:
    value = terms.value("entitlements")
    return () if value is UNKNOWN else value
