"""Match new lines with removed ones after a quote is synced again and its lines are created again.

A new line takes over the subscription or grant of a removed line with the same type, id in Stigg and resource, and
for a part of a subscription the same plan. Several equal lines are matched in order, equal quantities first.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.models.provision_opportunity import ADDON, PLAN
from stigg_actions.opportunities.credit_grants import chain_of, granted_as
from stigg_actions.opportunities.line_history import is_grant
from stigg_actions.stigg.schemas import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stigg_actions.errors import Problem
    from stigg_actions.opportunities.line_history import Known
    from stigg_actions.opportunities.lines import Deal, Line, PlanPart
    from stigg_actions.storage.opportunity_lines import NotedLine

type Olds = list[tuple[str, NotedLine]]
"""Removed lines that can be taken over, with their ids."""


class Matches(NamedTuple):
    """The removed line that each new one takes over, and the problems of new lines that match no single one."""

    taken: Mapping[str, str]
    unclear: Mapping[str, Problem]


def matches(known: Known, deal: Deal) -> Matches:
    """Match the new lines of a deal with the removed ones."""
    taken: dict[str, str] = {}
    unclear = {line.id: problem for line, problem in _granted_to_others(known, deal)}
    new_plans = [part.plan for part in deal.plans if not _has_own(known, part.plan.id)]
    new_grants = [line for line in deal.grants if line.id not in known.opportunity.lines]
    for lines in (*_alike(new_plans), *_alike(new_grants)):
        olds = _plans_for(known, lines[0]) if lines[0].item.stigg_type == PLAN else _grants_for(known, deal, lines[0])
        matched, rest = _paired(lines, olds)
        taken |= matched
        unclear |= {line.id: _unclear(line, olds) for line in rest}
    for part in deal.plans:
        taken |= _attached(known, part, taken)
    return Matches(taken, unclear)


def _has_own(known: Known, line_id: str) -> bool:
    record = known.own(line_id)
    return record is not None and bool(record.mapped)


def _alike(lines: Sequence[Line]) -> list[list[Line]]:
    """Group lines by id in Stigg and resource, in their order."""
    groups: dict[tuple[str | None, str | None], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.item.stigg_id, line.item.resource_id].append(line)
    return list(groups.values())


def _plans_for(known: Known, line: Line) -> Olds:
    """Return the removed lines for the same plan and resource whose subscription is live."""
    return [
        (line_id, noted)
        for line_id, noted in sorted(known.removed.items())
        if (noted.stigg_type, noted.stigg_id, noted.plan_line_id) == (PLAN, line.item.stigg_id, None)
        and (current := known.records[line_id].current) is not None
        and current.status not in ENDED
        and current.resource_id == line.item.resource_id
    ]


def _grants_for(known: Known, deal: Deal, line: Line) -> Olds:
    """Return the removed lines for the same credits and resource whose grant no other line has."""
    lines = known.opportunity.lines
    later = {noted.took_over for noted in lines.values()}
    in_use = {granted_as(lines, grant.id) for grant in deal.grants}
    return [
        (line_id, noted)
        for line_id, noted in sorted(known.removed.items())
        if is_grant(noted)
        and noted.stigg_id == line.item.stigg_id
        and (noted.quantity is None or noted.resource_id == line.item.resource_id)
        and line_id not in later
        and granted_as(lines, line_id) not in in_use
    ]


def _attached(known: Known, part: PlanPart, taken: Mapping[str, str]) -> dict[str, str]:
    """Match the new parts of a plan's subscription. Their quantities are added up, so the order does not matter."""
    lines = known.opportunity.lines
    plans, later = {part.plan.id, taken.get(part.plan.id)}, {noted.took_over for noted in lines.values()}
    olds = [
        (line_id, noted)
        for line_id, noted in sorted(known.removed.items())
        if noted.plan_line_id is not None and known.home(noted.plan_line_id) in plans and line_id not in later
    ]
    matched: dict[str, str] = {}
    for new in _alike([line for line in part.attached if line.id not in lines]):
        item = new[0].item
        same = [
            old
            for old in olds
            if (old[1].stigg_id, old[1].stigg_type == ADDON) == (item.stigg_id, item.stigg_type == ADDON)
        ]
        pairs, rest = _paired(new, same)
        left = [line_id for line_id, _ in same if line_id not in pairs.values()]
        matched |= pairs | {line.id: line_id for line, line_id in zip(rest, left, strict=False)}
    return matched


def _paired(lines: Sequence[Line], olds: Olds) -> tuple[dict[str, str], list[Line]]:
    """Return which line takes over which removed line, and the lines that match no single one."""
    matched, left = {}, list(olds)
    for line in lines:
        equal = next((old for old in left if _quantity(old[1]) == line.item.quantity), None)
        if equal is not None:
            matched[line.id] = equal[0]
            left.remove(equal)
    rest = [line for line in lines if line.id not in matched]
    if not _is_clear([line.item.quantity for line in rest], [_quantity(noted) for _, noted in left]):
        return matched, rest
    return matched | {line.id: line_id for line, (line_id, _) in zip(rest, left, strict=False)}, []


def _is_clear(new: Sequence[Decimal | None], old: Sequence[Decimal | None]) -> bool:
    """Whether lines with other quantities can be matched: one on each side, or only equal ones to choose from."""
    if not new or not old or len(new) == len(old) == 1:
        return True
    more = [side for side in (new, old) if len(side) == max(len(new), len(old))]
    return any(len(set(side)) == 1 for side in more)


def _quantity(noted: NotedLine) -> Decimal | None:
    return None if noted.quantity is None else Decimal(noted.quantity)


def _unclear(line: Line, olds: Olds) -> Problem:
    is_plan = line.item.stigg_type == PLAN
    others = ", ".join(f"{line_id} ({noted.quantity or 'no quantity'})" for line_id, noted in olds)
    what_to_do = (
        "name the subscription in subscriptionId" if is_plan else "grant the missing credits with create-credit-grant"
    )
    text = (
        f"is new and may replace one of these removed lines, but it is unclear which: {others}. Nothing was done for "
        f"it. Give the lines their earlier quantities, or {what_to_do}"
    )
    return line.problem("salesforceLineItemId", text)


def _granted_to_others(known: Known, deal: Deal) -> Iterator[tuple[Line, Problem]]:
    """Yield the lines that were removed before and whose grant another line took over since."""
    lines = known.opportunity.lines
    later = {earlier: line.id for line in deal.grants for earlier in islice(chain_of(lines, line.id), 1, None)}
    for line in deal.grants:
        if line.id in later:
            text = (
                f"was removed before, and line {later[line.id]} took over its credits. For more credits, use a new "
                "line or create-credit-grant"
            )
            yield line, line.problem("salesforceLineItemId", text)
