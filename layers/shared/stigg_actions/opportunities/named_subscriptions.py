"""Resolve the subscriptions that plan lines name by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.errors import RequestInvalid
from stigg_actions.opportunities.owners import mismatch
from stigg_actions.reconciliation import restore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.line_history import Known
    from stigg_actions.opportunities.lines import Deal, Line, PlanPart
    from stigg_actions.stigg.schemas import Subscription


class Named(NamedTuple):
    """The removed line whose subscription each plan line names, or the subscription if no line has it."""

    of_removed: Mapping[str, str]
    of_none: Mapping[str, str]

    @property
    def all(self) -> set[str]:
        """The ids of the lines that name a subscription."""
        return {*self.of_removed, *self.of_none}


def named_subscriptions(known: Known, deal: Deal, deps: Deps) -> Named:
    """Return the subscriptions that plan lines name but do not have. Only these are read from Stigg.

    Raises:
        Conflict: CUSTOMER_MISMATCH, the subscription belongs to another customer.
        RequestInvalid: the subscription does not exist, has ended, or belongs to another record or resource.
    """
    holders = {mapped.subscription_id: line_id for line_id, record in known.records.items() for mapped in record.mapped}
    of_removed, of_none = {}, {}
    for part in deal.plans:
        line, subscription_id = part.plan, part.plan.item.subscription_id
        holder = holders.get(str(subscription_id))
        if subscription_id is None or holder == line.id:
            continue
        if holder in known.removed:
            of_removed[line.id] = str(holder)
            continue
        may_move = _is_amendment(part) and holder not in deal.line_ids
        if not (may_move and _was_sold(known, line)):
            _check(known, line, subscription_id, deps, may_move=may_move)
            of_none[line.id] = subscription_id
    return Named(of_removed, of_none)


def _is_amendment(part: PlanPart) -> bool:
    """Whether the lines of a plan give differences: then it may take over the subscription of another record."""
    return any(line.item.is_delta for line in part.lines)


def _was_sold(known: Known, line: Line) -> bool:
    """Whether a line had a subscription, which has moved on since: an older request must not take it back."""
    record = known.records.get(line.id)
    return record is not None and not record.mapped and record.latest is not None


def _check(known: Known, line: Line, subscription_id: str, deps: Deps, *, may_move: bool) -> None:
    subscription = deps.stigg.find_subscription(subscription_id)
    if subscription is None:
        raise _wrong(line, f"is {subscription_id}, which does not exist in the {deps.settings.environment} environment")
    if subscription.customer_id != known.customer_id:
        other = subscription.customer_id
        problem = f"Line {line.id} names subscription {subscription.id}, which belongs to customer {other}."
        raise mismatch(problem, known.customer_id, other)
    if subscription.has_ended:
        remedy = "leave subscriptionId out to sell a new subscription"
        raise _wrong(line, f"is {subscription.id}, which is {subscription.status}; {remedy}")
    if subscription.resource_id != line.item.resource_id:
        resource = subscription.resource_id or "no resource"
        raise _wrong(line, f"is {subscription.id}, which is for {resource}; the line must have the same resourceId")
    owner = owner_of(subscription, known.opportunity.org_id, deps)
    if owner not in {None, line.id} and not may_move:
        remedy = "move it with renew-subscription and newSalesforceRecordId"
        raise _wrong(line, f"is {subscription.id}, which belongs to record {owner}; {remedy}")


def owner_of(subscription: Subscription, org_id: str, deps: Deps) -> str | None:
    """Return the record that a subscription belongs to, from the tables or else from its metadata in Stigg."""
    state = deps.ledger.subscription(subscription.id)
    return (state.record_id if state else None) or restore.marked_record(subscription, org_id)


def _wrong(line: Line, problem: str) -> RequestInvalid:
    return RequestInvalid([line.problem("subscriptionId", problem)])
