"""Sorting the lines of an opportunity into parts: which plan each goes with, and what contradicts what. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.opportunities import ADDON, PLAN, OpportunityLine, ProvisionOpportunity


class Line(NamedTuple):
    """A line, and where it stands in the request."""

    position: int
    item: OpportunityLine

    @property
    def id(self) -> str:
        """The line's record id."""
        return self.item.salesforce_line_item_id

    def problem(self, field: str, told: str) -> Problem:
        """Return what is wrong with a field of this line."""
        return Problem(f"lineItems[{self.position}].{field}", told)


class PlanPart(NamedTuple):
    """A plan, and the lines that are a part of its subscription."""

    plan: Line
    attached: tuple[Line, ...]


class Deal(NamedTuple):
    """The lines of an opportunity by what becomes of them: subscriptions, grants of credits, nothing."""

    plans: tuple[PlanPart, ...]
    grants: tuple[Line, ...]
    ignored: tuple[Line, ...]


def sort_lines(request: ProvisionOpportunity) -> Deal:
    """Sort the lines of a request into parts.

    Raises:
        RequestInvalid: naming every line that contradicts another, lacks a price, or could go with no or several plans.
    """
    lines = [Line(position, item) for position, item in enumerate(request.line_items)]
    typed = [line for line in lines if line.item.stigg_type is not None]
    plans = [line for line in typed if line.item.stigg_type == PLAN]
    grants = [line for line in typed if becomes_grant(request, line)]
    parts = [line for line in typed if line not in plans and line not in grants]
    problems = [
        *_given_twice(lines),
        *(found for line in plans for found in _price_problems(request, line)),
        *(found for line in grants for found in _payment_problems(request, line)),
        *(found for line in parts for found in _plan_problems(line, plans)),
        *_granted_twice(parts, plans),
    ]
    if problems:
        raise RequestInvalid(problems)
    return Deal(
        tuple(PlanPart(plan, tuple(line for line in parts if _candidates(line, plans) == [plan])) for plan in plans),
        tuple(grants),
        tuple(line for line in lines if line.item.stigg_type is None),
    )


def becomes_grant(request: ProvisionOpportunity, line: Line) -> bool:
    """Whether a line is about credits that are granted once, and no part of a subscription."""
    is_credit = line.item.credit_currency_id is not None
    return is_credit and (line.item.credits_as or request.credits_as) == "grant"


def overrides_price(request: ProvisionOpportunity, line: Line) -> bool:
    """Whether the price of a plan's line replaces the plan's base charge."""
    own = line.item.override_base_charge
    return request.override_base_charge if own is None else own


def _candidates(line: Line, plans: Sequence[Line]) -> list[Line]:
    """Return the plans that a line could go with: those that fit all that it says of its plan."""
    item = line.item
    return [
        plan
        for plan in plans
        if item.plan_line_item_id in {None, plan.id}
        and item.plan_id in {None, plan.item.stigg_id}
        and item.resource_id in {None, plan.item.resource_id}
    ]


def _plan_problems(line: Line, plans: Sequence[Line]) -> Iterator[Problem]:
    found = _candidates(line, plans)
    if not plans:
        yield line.problem("stiggType", f"is {line.item.stigg_type}, which goes with a Plan line; there is none")
    elif not found:
        told = "no Plan line fits planLineItemId, planId and resourceId of this line; there are"
        yield line.problem(_named_by(line), f"{told} {_told(plans)}")
    elif len(found) > 1:
        yield line.problem("planLineItemId", f"is required: this line could go with {_told(found)}")


def _named_by(line: Line) -> str:
    """Return the field by which a line names its plan."""
    item = line.item
    if item.plan_line_item_id is not None:
        return "planLineItemId"
    return "resourceId" if item.plan_id is None else "planId"


def _told(plans: Iterable[Line]) -> str:
    """Name plans by their lines, ids and resources."""
    resources = {line.id: f" for {line.item.resource_id}" if line.item.resource_id else "" for line in plans}
    return ", ".join(f"{line.id} ({line.item.stigg_id}{resources[line.id]})" for line in plans)


def _given_twice(lines: Iterable[Line]) -> Iterator[Problem]:
    first: dict[str, Line] = {}
    for line in lines:
        other = first.setdefault(line.id, line)
        if other is not line:
            yield line.problem("salesforceLineItemId", f"is that of lineItems[{other.position}] too; give it once")


def _granted_twice(parts: Iterable[Line], plans: Sequence[Line]) -> Iterator[Problem]:
    """Find entitlements of one plan that two lines give: there is no telling which was meant."""
    first: dict[tuple[int, str], Line] = {}
    for line in parts:
        found = _candidates(line, plans)
        if line.item.stigg_type != ADDON and len(found) == 1:
            other = first.setdefault((found[0].position, str(line.item.stigg_id)), line)
            if other is not line:
                told = f"{line.item.stigg_id} is what line {other.id} gives to the same plan; put it into one line"
                yield line.problem("stiggId", told)


def _price_problems(request: ProvisionOpportunity, line: Line) -> Iterator[Problem]:
    if not overrides_price(request, line):
        return
    if line.item.unit_price is None:
        yield line.problem("unitPrice", "is required with overrideBaseCharge")
    if request.currency is None:
        yield Problem("currency", "is required with overrideBaseCharge")


def _payment_problems(request: ProvisionOpportunity, line: Line) -> Iterator[Problem]:
    if line.item.grant_type != "PAID":
        return
    if line.item.unit_price is None:
        yield line.problem("unitPrice", "is required for a PAID grant")
    if request.currency is None:
        yield Problem("currency", "is required for a PAID grant")
    if request.payment_collection_method is None:
        yield Problem("paymentCollectionMethod", "is required for a PAID grant")
