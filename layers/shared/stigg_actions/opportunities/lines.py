"""The lines of an opportunity, and the plan that each could belong to."""

from collections.abc import Iterable, Mapping, Sequence
from copy import replace
from datetime import datetime
from typing import NamedTuple

from stigg_actions.errors import Problem
from stigg_actions.models.provision_opportunity import OpportunityLine, ProvisionOpportunity


class Line(NamedTuple):
    """A line and its position in the request. ``later``: the plan lines of the later segments of its ramp."""

    position: int
    item: OpportunityLine
    later: tuple["Line", ...] = ()

    @property
    def id(self) -> str:
        """The line's record id."""
        return self.item.salesforce_line_item_id

    def problem(self, field: str, problem: str) -> Problem:
        """Return a problem of one of this line's fields."""
        return Problem(f"lineItems[{self.position}].{field}", problem)


class SegmentPart(NamedTuple):
    """A segment of a plan: its start and end, its plan line, and the lines of its add-ons and entitlements."""

    start: datetime | None
    end: datetime | None
    plan: Line
    attached: tuple[Line, ...]


class PlanPart(NamedTuple):
    """A plan, and the lines that are a part of its subscription. ``segments``: if its lines have dates of their own."""

    plan: Line
    attached: tuple[Line, ...] = ()
    segments: tuple[SegmentPart, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The plan's line, then the others."""
        return (self.plan, *self.attached, *self.plan.later)

    @property
    def co_terminates(self) -> bool:
        """Whether a line is to end with what it is added to: then an existing subscription keeps its end."""
        return any(line.item.co_terminate for line in self.lines)


class Refused(NamedTuple):
    """A line that is refused by itself, its problem, and the line of its plan. The other lines go through."""

    line: Line
    problem: Problem
    plan_line_id: str | None = None


class Deal(NamedTuple):
    """The lines of an opportunity: those for subscriptions, for credit grants, ignored and refused ones."""

    plans: tuple[PlanPart, ...]
    grants: tuple[Line, ...]
    ignored: tuple[Line, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def line_ids(self) -> set[str]:
        """The ids of all lines."""
        sold = {line.id for part in self.plans for line in part.lines}
        return sold | {line.id for line in (*self.grants, *self.ignored, *(refusal.line for refusal in self.refused))}

    def without(self, problems: Mapping[str, Problem]) -> "Deal":
        """Return the deal with the given lines refused, and with a plan the lines of its subscription."""
        refused = [Refused(line, problems[line.id]) for line in self.grants if line.id in problems]
        for part in self.plans:
            if part.plan.id in problems:
                refused += refuse_plan(part, problems[part.plan.id])
        return replace(
            self,
            plans=tuple(part for part in self.plans if part.plan.id not in problems),
            grants=tuple(line for line in self.grants if line.id not in problems),
            refused=(*self.refused, *refused),
        )


def refuse_plan(part: PlanPart, problem: Problem) -> list[Refused]:
    """Return the refusals of a plan and of the lines of its subscription."""
    problem_of_plan = f"belongs to the plan of line {part.plan.id}, which is refused"
    others = [Refused(line, line.problem("planLineItemId", problem_of_plan), part.plan.id) for line in part.lines[1:]]
    return [Refused(part.plan, problem), *others]


def becomes_grant(request: ProvisionOpportunity, line: Line) -> bool:
    """Whether a line is for credits that are granted once, apart from a subscription."""
    is_credit = line.item.credit_currency_id is not None
    return is_credit and (line.item.credits_as or request.credits_as) == "grant"


def overrides_price(request: ProvisionOpportunity, line: Line) -> bool:
    """Whether the price of a plan's line replaces the plan's base charge."""
    own = line.item.override_base_charge
    return request.override_base_charge if own is None else own


def candidates(line: Line, plans: Sequence[Line]) -> list[Line]:
    """Return the plans that match every field by which a line names its plan."""
    item = line.item
    return [
        plan
        for plan in plans
        if item.plan_line_item_id in {None, plan.id, *(line.id for line in plan.later)}
        and item.plan_id in {None, plan.item.stigg_id}
        and item.resource_id in {None, plan.item.resource_id}
    ]


def named(plans: Iterable[Line]) -> str:
    """Return the line, id and resource of each plan as text."""
    resources = {line.id: f" for {line.item.resource_id}" if line.item.resource_id else "" for line in plans}
    return ", ".join(f"{line.id} ({line.item.stigg_id}{resources[line.id]})" for line in plans)
