"""What is known here of an opportunity's lines: those of earlier calls, and what the records have by now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import batched
from typing import TYPE_CHECKING, Any

from stigg_actions.dynamodb import ConditionFailedError
from stigg_actions.mappings import NotedLine
from stigg_actions.models.opportunities import PLAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stigg_actions.deals.sorting import Deal
    from stigg_actions.deps import Deps
    from stigg_actions.mappings import MappedSubscription, OpportunityState, RecordState

_READ_TOGETHER = 100


@dataclass(frozen=True, slots=True)
class Known:
    """The lines that are gone, the records of plan lines, and the terms that their subscriptions were last given."""

    removed: Mapping[str, NotedLine]
    records: Mapping[str, RecordState]
    terms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def current(self, record_id: str) -> MappedSubscription | None:
        """Return the subscription that a record has, if it has one."""
        record = self.records.get(record_id)
        return record.current if record else None


def known(opportunity: OpportunityState, deal: Deal, deps: Deps) -> Known:
    """Read the records of the plan lines, those of the lines that are gone too. Raises StiggUnavailable."""
    now = {line.id for part in deal.plans for line in (part.plan, *part.attached)}
    now |= {line.id for line in (*deal.grants, *deal.ignored)}
    removed = {line_id: line for line_id, line in opportunity.lines.items() if line_id not in now}
    plans = {line.plan_line_id or line_id for line_id, line in removed.items()}
    records = _records(opportunity.org_id, sorted(plans | {part.plan.id for part in deal.plans}), deps)
    found = Known({line_id: line for line_id, line in removed.items() if _became(line_id, line, records)}, records)
    ids = [one.subscription_id for one in map(found.current, records) if one is not None]
    states = [
        state
        for some in batched(ids, _READ_TOGETHER, strict=False)
        for state in deps.records.subscriptions(some).values()
    ]
    return replace(found, terms={state.subscription_id: state.terms for state in states})


def note(opportunity: OpportunityState, deal: Deal, deps: Deps) -> None:
    """Note the lines of a request with those of earlier ones, before anything is done for them."""
    lines = _lines(deal)
    while lines.items() - opportunity.lines.items():
        try:
            deps.records.note(replace(opportunity, lines={**opportunity.lines, **lines}))
        except ConditionFailedError:  # another call for the same opportunity was faster
            opportunity = deps.records.opportunity(opportunity.org_id, opportunity.opportunity_id)
        else:
            return


def _lines(deal: Deal) -> dict[str, NotedLine]:
    parts = [(line, part.plan.id) for part in deal.plans for line in part.attached]
    alone = [*(part.plan for part in deal.plans), *deal.grants]
    placed = [*parts, *((line, None) for line in alone)]
    return {line.id: NotedLine(str(line.item.stigg_type), str(line.item.stigg_id), plan) for line, plan in placed}


def _records(org_id: str, record_ids: Iterable[str], deps: Deps) -> dict[str, RecordState]:
    some_owners = batched(((org_id, record_id) for record_id in record_ids), _READ_TOGETHER, strict=False)
    found = [state for owners in some_owners for state in deps.records.states(owners).values()]
    return {state.record_id: state for state in found}


def _became(line_id: str, line: NotedLine, records: Mapping[str, RecordState]) -> bool:
    """Whether a line may have become anything: of a subscription its record tells, of a grant nobody here."""
    is_grant = line.plan_line_id is None and line.stigg_type != PLAN
    return is_grant or (line.plan_line_id or line_id) in records
