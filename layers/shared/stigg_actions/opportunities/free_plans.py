"""Find the free plans among the lines of a deal, which have neither a discount nor a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import RequestInvalid
from stigg_actions.opportunities import discounts, trials
from stigg_actions.subscriptions.plans import find_plans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stigg_actions.errors import Problem
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.stigg.client import Stigg


def refuse_free(request: ProvisionOpportunity, plans: Sequence[Line], stigg: Stigg) -> None:
    """Refuse the discount or trial of a free plan. Read only plans that have one; a plan that is not shown is accepted.

    Raises:
        RequestInvalid: naming each line, with the remedy.
    """
    named = [(line, what) for line in plans if (what := _needs_a_price(request, line))]
    read = find_plans(stigg, [str(line.item.stigg_id) for line, _ in named])
    free = {plan_id for plan_id, plan in read.items() if plan is not None and plan.pricing_type == "FREE"}
    problems = [_problem(line, what) for line, what in named if line.item.stigg_id in free]
    if problems:
        raise RequestInvalid(problems)


def _needs_a_price(request: ProvisionOpportunity, line: Line) -> str | None:
    if discounts.given(request, line):
        return "discount"
    return "trial" if trials.given(request, line) else None


def _problem(line: Line, what: str) -> Problem:
    problem = f"is a free plan, which cannot have a {what}. Give the {what} on the other Plan lines only"
    return line.problem("stiggId", problem)
