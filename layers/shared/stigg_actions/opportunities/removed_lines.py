"""Describe the lines that were removed from a deal; each sentence states what exists now.

What the request ended of them (``removed`` cancel) is described by the modules that ended it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.errors import ActionError
from stigg_actions.models.provision_opportunity import PLAN
from stigg_actions.models.provision_opportunity_result import OpportunityLineResult
from stigg_actions.opportunities import credit_grants, removed_parts
from stigg_actions.opportunities.left_alone import by_history
from stigg_actions.opportunities.line_history import is_grant
from stigg_actions.opportunities.removed_items import of_a_part
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.operation import Status
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.results_by_line import Aftermath
    from stigg_actions.storage.mapping import MappedSubscription
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.opportunity_lines import NotedLine

_NOT_TAKEN_BACK = "granted credits are not taken back"

_OF_A_SEGMENT = (
    "It was a segment of a ramp. The segments are now those of the lines of this deal; get-subscription shows them."
)


def removed(after: Aftermath, ended_plans: Mapping[str, dict[str, Any]], deps: Deps) -> Iterator[OpportunityLineResult]:
    """Yield the results of removed lines of earlier calls. Raises StiggUnavailable.

    ``ended_plans`` are the results of the plan lines whose subscriptions the request ends, by line.
    """
    for line_id, noted in sorted(after.situation.known.removed.items()):
        fields = (
            _of_a_grant(line_id, after, deps) if is_grant(noted) else _of_a_subscription(line_id, noted, after, deps)
        )
        if fields is not None:
            named = {
                "stigg_type": noted.stigg_type,
                "stigg_id": noted.stigg_id,
                "plan_line_item_id": noted.plan_line_id,
            }
            changed = ended_plans.get(line_id) or _of_an_ended_part(noted, after, ended_plans)
            own = {"salesforce_line_item_id": line_id, "outcome": "removed", **named, **fields, **changed}
            yield OpportunityLineResult.model_validate(drop_none(own))


def _of_a_subscription(line_id: str, noted: NotedLine, after: Aftermath, deps: Deps) -> dict[str, Any]:
    current = after.situation.known.current(noted.plan_line_id or line_id)
    is_plan = noted.stigg_type == PLAN
    if is_plan and noted.plan_line_id is not None:
        return {"message": _OF_A_SEGMENT, "subscription_id": current.subscription_id if current else None}
    message = _of_a_plan(line_id, after, deps) if is_plan else of_a_part(line_id, noted, after, deps)
    return {"message": message, "subscription_id": current.subscription_id if current else None}


def _of_an_ended_part(noted: NotedLine, after: Aftermath, ended_plans: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    is_part = noted.stigg_type != PLAN and not is_grant(noted)
    return removed_parts.result(noted, after, ended_plans) if is_part else {}


def _of_a_plan(line_id: str, after: Aftermath, deps: Deps) -> str:
    known = after.situation.known
    record, current = known.records[line_id], known.current(line_id)
    if current is not None:
        return _of_its_subscription(line_id, current, after)
    if record.awaited:
        page = record.awaited[0].subscription_id
        return f"It awaits payment: subscription {page} becomes active once its payment page is paid."
    return f"It no longer has a subscription: {by_history(record, deps).what}."


def _of_its_subscription(line_id: str, current: MappedSubscription, after: Aftermath) -> str:
    home, taker = after.situation.known.home(line_id), after.taker(line_id)
    if taker is not None and after.situation.taken.get(taker) == line_id:
        return _taken(taker, current, after)
    if home == line_id:
        return _with_its_own(current, after)
    if home in after.situation.deal.line_ids:
        return f"Line {home} took over its subscription {current.subscription_id}."
    return f"Its subscription {current.subscription_id} now belongs to record {home}."


def _taken(taker: str, current: MappedSubscription, after: Aftermath) -> str:
    """Describe a subscription that a line takes over in this call."""
    now = after.subscription_id(taker)
    if now is None:
        return (
            f"Line {taker} is to take over its subscription {current.subscription_id}, but this has not happened yet."
        )
    place = "" if now == current.subscription_id else f", which {now} has replaced"
    return f"Line {taker} took over its subscription {current.subscription_id}{place}."


def _with_its_own(current: MappedSubscription, after: Aftermath) -> str:
    """Describe a subscription that no other line has."""
    its_subscription, replaced = f"Its subscription {current.subscription_id}", after.replaced(current.subscription_id)
    if replaced is not None:
        return f"{its_subscription} has ended: {replaced[0]} of line {replaced[1]} replaced it."
    if current.status in ENDED:
        by = f": {current.replaced_by} replaced it" if current.replaced_by else ""
        return f"{its_subscription} has ended{f' on {current.end_date}' if current.end_date else ''}{by}."
    until = f" until {current.cancellation_date}" if current.cancellation_date else ""
    return f"{its_subscription} ({current.plan_id}) stays{until}; use cancel-subscription to end it."


def _of_a_grant(line_id: str, after: Aftermath, deps: Deps) -> dict[str, Any] | None:
    """Describe credits that are granted once; return None if none were granted."""
    granted, taker = credit_grants.operation(after.situation.after, line_id, deps), after.taker(line_id)
    if granted is None or granted.status is Status.FAILED:
        return None
    grant_id = (granted.answer or {}).get("grantId")
    if grant_id is None:
        return {"message": "It is not known yet whether its credits were granted; reconcile finds out."}
    if taker is not None:
        ended = after.of(taker)
        on_other_terms = isinstance(ended, ActionError) and ended.code == "IDEMPOTENCY_CONFLICT"
        no = f"Its grant stays. Line {taker} requests other terms, so it could not take the grant over."
        return {"message": no if on_other_terms else f"Line {taker} took over its grant.", "grant_id": grant_id}
    why = "void-credit-grant takes them back" if after.situation.request.removed == "cancel" else _NOT_TAKEN_BACK
    return {"message": f"Its grant of {_amount(granted)} stays: {why}.", "grant_id": grant_id}


def _amount(granted: Operation) -> str:
    answer = granted.answer or {}
    return f"{answer.get('amount')} {answer.get('currencyId')}"
