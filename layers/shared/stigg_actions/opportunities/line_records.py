"""Store the lines of an opportunity before they are provisioned, so that a later call knows them."""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from stigg_actions.decimal_json import plain_number
from stigg_actions.errors import Misconfigured, StiggUnavailable
from stigg_actions.models.provision_opportunity import ADDON, PLAN
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.opportunity_lines import NotedLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.line_history import Known
    from stigg_actions.opportunities.lines import Deal, Line, PlanPart
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.storage.opportunity_lines import OpportunityState


def noted(
    known: Known, deal: Deal, taken: Mapping[str, str], sold_as: Mapping[str, str] = MappingProxyType({})
) -> OpportunityState:
    """Return an opportunity's stored lines, updated with those of a deal.

    ``sold_as`` says how each plan is sold. ``former`` keeps the earlier content of changed lines until it
    has been removed from the subscription.
    """
    before, former = known.opportunity.lines, dict(known.opportunity.former)
    lines = {line.id: _noted(known, line, plan_id, taken, sold_as) for line, plan_id in _placed(deal)}
    for line_id, line in lines.items():
        earlier = {*former.pop(line_id, ()), _content(before.get(line_id, line))} - {_content(line)}
        parts = tuple(sorted(content for content in earlier if content.plan_line_id and content.stigg_type != PLAN))
        former |= {line_id: parts} if parts else {}
    return replace(known.opportunity, lines={**before, **lines}, former=former)


def note(state: OpportunityState, known: Known, deps: Deps) -> OpportunityState | None:
    """Store the lines if they have changed; return None if another call stored them meanwhile."""
    if state == known.opportunity:
        return state
    try:
        deps.records.note(state)
    except ConditionFailedError:
        return None
    return replace(state, version=state.version + 1)


def note_done(before: OpportunityState, after: OpportunityState, deps: Deps) -> None:
    """Store what is known once the lines were provisioned. If that fails, the next call tries again."""
    if after != before:
        with suppress(ConditionFailedError, Misconfigured, StiggUnavailable):
            deps.records.note(after)


def former_items(opportunity: OpportunityState, part: PlanPart, plan_ids: set[str]) -> list[NotedLine]:
    """Return the earlier content of changed lines that no line of the plan's subscription has now.

    What a line added to it as a difference is not among it: the rest is to stay.
    ``plan_ids`` are the plan's line and the lines that had its subscription before.
    """
    now = {line.item.stigg_id for line in part.attached}
    former = (line for contents in opportunity.former.values() for line in contents)
    return [line for line in former if line.plan_line_id in plan_ids and line.stigg_id not in now and not line.delta]


def _placed(deal: Deal) -> Iterator[tuple[Line, str | None]]:
    """Yield the lines that are sold, each with the plan line that it is a part of."""
    for part in deal.plans:
        yield part.plan, None
        for line in part.lines[1:]:
            yield line, part.plan.id
    for line in deal.grants:
        yield line, None


def _noted(
    known: Known, line: Line, plan_line_id: str | None, taken: Mapping[str, str], sold_as: Mapping[str, str]
) -> NotedLine:
    before, item = known.opportunity.lines.get(line.id), line.item
    return NotedLine(
        str(item.stigg_type),
        str(item.stigg_id),
        plan_line_id,
        quantity=None if item.quantity is None else plain_number(item.quantity),
        resource_id=item.resource_id,
        customer_id=known.customer_id,
        took_over=before.took_over if before else taken.get(line.id),
        sold_as=sold_as.get(line.id),
        delta=item.is_delta or None,
    )


def _content(line: NotedLine) -> NotedLine:
    """Return the content of a line without its quantity."""
    return NotedLine(line.stigg_type, line.stigg_id, line.plan_line_id, delta=line.delta)


def refused_addons(situation: Situation, part: PlanPart) -> list[NotedLine]:
    """Return the refused add-on lines whose add-on other lines give too. Their quantity still counts in the sum."""
    lines = situation.known.opportunity.lines
    sold = {line.item.stigg_id for line in part.attached if line.item.stigg_type == ADDON}
    refusals = [refusal for refusal in situation.deal.refused if refusal.plan_line_id == part.plan.id]
    refused = [lines.get(refusal.line.id) for refusal in refusals]
    return [
        line
        for line in refused
        if line is not None and line.stigg_type == ADDON and line.stigg_id in sold and line.quantity is not None
    ]
