"""End the add-ons and entitlements of removed lines: they are removed when their plan's line is provisioned."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import ActionError
from stigg_actions.models.provision_opportunity import ADDON, PLAN
from stigg_actions.opportunities.left_alone import LeftAlone
from stigg_actions.opportunities.line_results import went

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stigg_actions.models.subscription_data import Change
    from stigg_actions.opportunities.lines import Line, PlanPart
    from stigg_actions.opportunities.results_by_line import Aftermath
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.storage.opportunity_lines import NotedLine, OpportunityState

_LATER = {
    "outcome": "notStarted",
    "message": "It was not ended, because the line of its plan is not as requested yet. Send the same request again.",
    "retryable": True,
}


def of_plan(situation: Situation, part: PlanPart, plan_ids: set[str]) -> dict[str, NotedLine]:
    """Return the removed lines of a plan's subscription that the request ends, by id.

    ``plan_ids`` are the plan's line and the lines that had its subscription before.
    """
    return {
        line_id: noted
        for line_id, noted in sorted(situation.known.removed.items())
        if noted.plan_line_id in plan_ids
        and not noted.delta  # what it added is taken back
        and _is_ended(situation, noted, part.plan, part.attached)
    }


def to_end(lines: Mapping[str, NotedLine]) -> list[NotedLine]:
    """Return the lines that have not been ended before: what was sold since under the same id stays."""
    return [noted for noted in lines.values() if not noted.canceled]


def result(noted: NotedLine, after: Aftermath, ended_plans: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the fields of the result of a removed part that the request ends; empty if it is only described."""
    with_its_plan = ended_plans.get(after.situation.known.home(str(noted.plan_line_id)))
    if with_its_plan is not None:
        return _with_its_plan(with_its_plan)
    part = after.part(str(noted.plan_line_id))
    if part is None or not _is_ended(after.situation, noted, part.line, part.attached):
        return {}
    outcome = _outcome(after.of(part.line.id))
    if outcome is None:
        return _LATER
    if outcome == "superseded":
        return {"outcome": outcome, "message": f"Left unchanged, as line {part.line.id} of its plan was."}
    return _of_change(noted, after.change(part.line.id, f"{_list_of(noted)}.{noted.stigg_id}"))


def _of_change(noted: NotedLine, change: Change | None) -> dict[str, Any]:
    """Return the result of a part by the change that this call made to its plan's subscription."""
    if change is None or not (noted.delta or change.after is None):
        return {}
    what = f"Its change of {noted.stigg_id} was taken back" if noted.delta else f"{noted.stigg_id} was removed"
    return {"outcome": "canceled", "message": f"{what}: it {went(change)}."}


def with_marks(state: OpportunityState, after: Aftermath) -> OpportunityState:
    """Return an opportunity's lines with the removed ones marked whose end was made, so that it is made once."""
    ended = {line_id: replace(state.lines[line_id], canceled=True) for line_id in _done(after)}
    return replace(state, lines={**state.lines, **ended}) if ended else state


def _done(after: Aftermath) -> Iterator[str]:
    """Yield the removed lines whose plan's line is as requested, and which it no longer has."""
    for line_id, noted in after.situation.known.removed.items():
        part = after.part(str(noted.plan_line_id)) if noted.plan_line_id else None
        if part is not None and _is_ended(after.situation, noted, part.line, part.attached):
            outcome = _outcome(after.of(part.line.id))
            if outcome in {"unchanged", "updated", "replaced", "created"}:
                yield line_id


def _outcome(ended: Any) -> str | None:  # noqa: ANN401 - any end of a part
    if ended is None or isinstance(ended, ActionError):
        return None
    return str(ended.outcome if isinstance(ended, LeftAlone) else ended.answer.outcome)


def _is_ended(situation: Situation, noted: NotedLine, plan: Line, attached: Sequence[Line]) -> bool:
    """Whether the request ends a removed part: no line gives the same, and no refused line gave it."""
    if situation.request.removed != "cancel" or noted.stigg_type == PLAN:
        return False
    refused = [refusal.line for refusal in situation.deal.refused if refusal.plan_line_id == plan.id]
    return bool(noted.delta) or noted.stigg_id not in {line.item.stigg_id for line in (*attached, *refused)}


def _with_its_plan(ended: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a part whose plan was removed too."""
    outcome, name = ended["outcome"], ended.get("subscription_id")
    kept = {field: ended[field] for field in ("error_code", "retryable") if field in ended}
    if outcome in {"canceled", "scheduled"} and name:
        return {"outcome": outcome, "message": f"It {'ended' if outcome == 'canceled' else 'ends'} with {name}."}
    return {"outcome": outcome, "message": f"It is part of its plan's subscription. {ended['message']}", **kept}


def _list_of(noted: NotedLine) -> str:
    return "addons" if noted.stigg_type == ADDON else "entitlements"
