"""What is known here of an opportunity's lines: those of earlier calls, and what the records have by now."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from copy import replace
from itertools import batched
from types import MappingProxyType
from typing import Any, NamedTuple

from stigg_actions.deals.sorting import Deal, PlanPart
from stigg_actions.deps import Deps
from stigg_actions.dynamodb import ConditionFailedError
from stigg_actions.errors import Misconfigured, StiggUnavailable
from stigg_actions.mappings import MappedSubscription, NotedLine, OpportunityState, RecordState
from stigg_actions.models.opportunities import PLAN

_READ_TOGETHER = 100


class Known(NamedTuple):
    """The lines that are gone, what others were before, the records of plan lines, and the terms last given to each."""

    removed: Mapping[str, NotedLine]
    former: Mapping[str, tuple[NotedLine, ...]]
    records: Mapping[str, RecordState]
    terms: Mapping[str, Mapping[str, Any]] = MappingProxyType({})

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
    gone = {line_id: line for line_id, line in removed.items() if _became(line_id, line, records)}
    found = Known(gone, noted(opportunity, deal).former, records)
    ids = [one.subscription_id for one in map(found.current, records) if one is not None]
    states = [
        state
        for some in batched(ids, _READ_TOGETHER, strict=False)
        for state in deps.records.subscriptions(some).values()
    ]
    return replace(found, terms={state.subscription_id: state.terms for state in states})


def former_items(known: Known, part: PlanPart) -> list[NotedLine]:
    """Return what changed lines were of a plan's subscription, and no line of it is any more."""
    now = {line.item.stigg_id for line in part.attached}
    former = (line for some in known.former.values() for line in some)
    return [line for line in former if line.plan_line_id == part.plan.id and line.stigg_id not in now]


def noted(opportunity: OpportunityState, deal: Deal) -> OpportunityState:
    """Return what is known of an opportunity's lines with those of a request over it."""
    lines, former = _lines(deal), dict(opportunity.former)
    for line_id, line in lines.items():
        earlier = {*former.pop(line_id, ()), opportunity.lines.get(line_id, line)} - {line}
        parts = tuple(sorted(one for one in earlier if one.plan_line_id))
        former |= {line_id: parts} if parts else {}
    return replace(opportunity, lines={**opportunity.lines, **lines}, former=former)


def note(opportunity: OpportunityState, deal: Deal, deps: Deps) -> OpportunityState:
    """Note the lines of a request with those of earlier ones, before anything is done for them; return them all."""
    while (state := noted(opportunity, deal)) != opportunity:
        try:
            deps.records.note(state)
        except ConditionFailedError:  # another call for the same opportunity was faster
            opportunity = deps.records.opportunity(opportunity.org_id, opportunity.opportunity_id)
        else:
            return replace(state, version=state.version + 1)
    return state


def forget_former(opportunity: OpportunityState, deps: Deps) -> None:
    """Forget what lines were before, now that it is gone; if that cannot be, it is looked for once more next time."""
    if opportunity.former:
        with suppress(ConditionFailedError, Misconfigured, StiggUnavailable):
            deps.records.note(replace(opportunity, former={}))


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
