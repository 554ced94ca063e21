"""Sort the lines of an opportunity into parts, and refuse lines that contradict each other."""

from collections.abc import Iterator, Sequence

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.provision_opportunity import PLAN, ProvisionOpportunity
from stigg_actions.opportunities import discount_checks, line_terms, ramp_limits, ramp_lines, trial_checks
from stigg_actions.opportunities import line_checks as checks
from stigg_actions.opportunities.lines import Deal, Line, PlanPart, Refused, becomes_grant, candidates, refuse_plan
from stigg_actions.opportunities.quantity_modes import mixed_modes, with_modes


def sort_lines(request: ProvisionOpportunity) -> Deal:
    """Sort the lines of a request into parts. A line that sells nothing is refused by itself.

    Raises:
        RequestInvalid: lines contradict each other, lack a price, or match no plan or several. Names each of them.
    """
    lines = [with_modes(request, Line(position, item)) for position, item in enumerate(request.line_items)]
    typed = [line for line in lines if line.item.stigg_type is not None]
    plan_lines = [line for line in typed if line.item.stigg_type == PLAN]
    plans = ramp_lines.joined(request, plan_lines)
    grants = [line for line in typed if becomes_grant(request, line)]
    parts = [line for line in typed if line not in plan_lines and line not in grants]
    of_dates = [problem for line in typed for problem in line_terms.problems(request, line)]
    problems = [*checks.given_twice(lines), *of_dates, *_problems(request, plans, grants, parts)]
    if problems:
        raise RequestInvalid(problems)
    sold = _with_its_lines(request, parts, plans)
    return Deal(
        tuple(part for part in sold if not part.plan.item.sells_nothing),
        tuple(line for line in grants if not line.item.sells_nothing),
        tuple(line for line in lines if line.item.stigg_type is None),
        tuple(_refused(request, sold, grants, parts, plans)),
    )


def _problems(
    request: ProvisionOpportunity, plans: Sequence[Line], grants: Sequence[Line], parts: Sequence[Line]
) -> Iterator[Problem]:
    """Yield the problems of the lines that are sold."""
    for plan in plans:
        yield from ramp_lines.problems(request, plan)
        for line in _selling((plan, *plan.later)):
            yield from checks.price_problems(request, line)
    for line in _selling(grants):
        yield from checks.payment_problems(request, line)
    for line in _selling(parts):
        yield from checks.plan_problems(line, plans)
    for line in parts:
        for plan in candidates(line, plans):
            yield from ramp_lines.cover_problems(request, plan, line)
    yield from checks.granted_twice(request, _selling(parts), plans)
    for module in (discount_checks, trial_checks, ramp_limits):
        yield from module.problems(request, _selling(plans), _selling([*grants, *parts]))
    yield from mixed_modes(_selling(parts), plans)
    yield from checks.end_problems((*plans, *parts, *grants), grants)


def _with_its_lines(request: ProvisionOpportunity, parts: Sequence[Line], plans: Sequence[Line]) -> list[PlanPart]:
    """Return each plan with the lines that are a part of its subscription."""
    selling, sold = _selling(parts), []
    for plan in plans:
        attached = tuple(line for line in selling if candidates(line, plans) == [plan])
        sold.append(PlanPart(plan, attached, ramp_lines.segments(request, plan, attached)))
    return sold


def _refused(
    request: ProvisionOpportunity,
    sold: Sequence[PlanPart],
    grants: Sequence[Line],
    parts: Sequence[Line],
    plans: Sequence[Line],
) -> Iterator[Refused]:
    """Yield the lines that sell nothing, and the lines of a plan that sells nothing."""
    for part in sold:
        if part.plan.item.sells_nothing:
            yield from refuse_plan(part, checks.unsold(request, part.plan))
    for line in (*grants, *parts):
        if line.item.sells_nothing:
            matching = candidates(line, plans) if line in parts else []
            plan_line_id = matching[0].id if len(matching) == 1 else None
            yield Refused(line, checks.unsold(request, line), plan_line_id)


def _selling(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if not line.item.sells_nothing]
