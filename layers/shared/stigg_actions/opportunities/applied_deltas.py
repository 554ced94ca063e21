"""Remember which differences a plan's subscription contains, so that each takes effect once.

They are stored in the record of the plan's line, together with the digest of what was sold (``sold``). So they are
written in the transaction that settles the operation, whichever call settles it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.decimal_json import plain_number
from stigg_actions.models.provision_opportunity import ADDON, PLAN
from stigg_actions.opportunities.credit_grants import chain_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.opportunities.lines import Line, PlanPart
    from stigg_actions.opportunities.situation import Situation

type Item = tuple[str, str]
"""A list of the subscription, and the id of what it has there. Units of the plan have no id."""

UNITS: Item = ("units", "")


class Delta(NamedTuple):
    """A difference: of what, and how many."""

    item: Item
    quantity: Decimal


type Deltas = Mapping[str, Delta]
"""Differences by the line that gives them."""


class Due(NamedTuple):
    """What is due for a plan: the difference of each item, and the differences that it has contained from then on."""

    net: Mapping[Item, Decimal]
    after: Deltas


def item_of(line: Line) -> Item:
    """Return what a line is for."""
    if line.item.stigg_type == PLAN:
        return UNITS
    return ("addons" if line.item.stigg_type == ADDON else "entitlements", str(line.item.stigg_id))


def wish(digest: str, applied: Deltas) -> str:
    """Return what a record stores about a sale: its digest, and the differences that it contains."""
    shown = {line_id: [*delta.item, plain_number(delta.quantity)] for line_id, delta in applied.items()}
    return f"{digest} {decimal_json.dumps(shown, sort=True)}" if shown else digest


def applied(sold: str | None) -> dict[str, Delta]:
    """Return the differences that a record's subscription contains."""
    _, _, text = (sold or "").partition(" ")
    shown: dict[str, Any] = decimal_json.loads(text) if text else {}
    return {line_id: Delta((kind, name), Decimal(quantity)) for line_id, (kind, name, quantity) in shown.items()}


def wanted(part: PlanPart) -> dict[str, Delta]:
    """Return the differences that the lines of a plan give."""
    lines = [line for line in part.lines if line.item.is_delta]
    return {line.id: Delta(item_of(line), line.item.quantity or Decimal(0)) for line in lines}


def due(situation: Situation, part: PlanPart, before: Deltas) -> Due:
    """Return what is still due for a plan whose subscription contains the differences ``before``."""
    now = wanted(part)
    before = _renamed(situation, part, before)
    kept = {line_id: delta for line_id, delta in before.items() if _stays(situation, part, line_id)}
    gone = {line_id: delta for line_id, delta in before.items() if _is_taken_back(situation, part, line_id, delta)}
    net: dict[Item, Decimal] = {}
    for deltas, sign in ((now, 1), ({**gone, **{name: before[name] for name in now.keys() & before.keys()}}, -1)):
        for delta in deltas.values():
            net[delta.item] = net.get(delta.item, Decimal(0)) + sign * delta.quantity
    return Due({item: quantity for item, quantity in net.items() if quantity}, {**kept, **now})


def _renamed(situation: Situation, part: PlanPart, before: Deltas) -> dict[str, Delta]:
    """Return the differences under the ids of the lines that took over those that gave them."""
    lines = situation.after.lines
    names = {old: line.id for line in part.lines for old in chain_of(lines, line.id)}
    return {names.get(line_id, line_id): delta for line_id, delta in before.items()}


def _stays(situation: Situation, part: PlanPart, line_id: str) -> bool:
    """Whether what a line added stays, although the line is not among those of the plan."""
    if line_id in {line.id for line in part.lines}:
        return False
    is_elsewhere = line_id in {line.id for other in situation.deal.plans for line in other.lines}
    return not is_elsewhere and not (line_id in situation.known.removed and situation.request.removed == "cancel")


def _is_taken_back(situation: Situation, part: PlanPart, line_id: str, delta: Delta) -> bool:
    """Whether what a line added is taken back: the line was removed with cancel, or is for something else now."""
    now = next((line for line in part.lines if line.id == line_id), None)
    if now is None:
        return not _stays(situation, part, line_id)
    return not now.item.is_delta and item_of(now) != delta.item
