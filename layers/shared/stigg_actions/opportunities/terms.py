"""Check the terms of a deal against its existing subscriptions, before it is applied."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stigg_actions.clock import date_text
from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.opportunities import field_names
from stigg_actions.opportunities.line_terms import term_of
from stigg_actions.subscriptions.plans import find_plans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.plan_parts import PlanWork
    from stigg_actions.opportunities.situation import Situation


def check_terms(situation: Situation, works: Sequence[PlanWork], deps: Deps) -> None:
    """Refuse an end in the past and a paid plan without a billing period. Read plans only if no period is given.

    Raises:
        RequestInvalid: the end or a billing period is wrong; names the fields.
    """
    problems = [*_past_end(situation, works, deps.clock.now()), *_without_period(situation, works, deps)]
    if problems:
        raise RequestInvalid(problems)


def _past_end(situation: Situation, works: Sequence[PlanWork], now: float) -> Iterator[Problem]:
    known, request, moment = situation.known.opportunity.lines, situation.request, datetime.fromtimestamp(now, UTC)
    new_grants = [line for line in situation.deal.grants if line.id not in known and line.id not in situation.taken]
    ends = [(line, term_of(request, line).end) for line in new_grants]
    new_ends = [work for work in works if work.gives_an_end(date_text(work.end))]
    ends += [((work.line, *work.line.later)[-1], work.end) for work in new_ends]
    late = [line for line, end in ends if end is not None and end <= moment]
    problem = "is in the past; give an end in the future, or none"
    if any(not line.item.has_dates for line in late):
        yield Problem(field_names.of_request(request, "cancellationDate"), problem)
    yield from (line.problem("endDate", problem) for line in late if line.item.has_dates)


def _without_period(situation: Situation, works: Sequence[PlanWork], deps: Deps) -> Iterator[Problem]:
    """Yield the paid plans without a billing period; one that Stigg does not show is refused when it is provisioned."""
    sold = [work.line for work in works if work.is_new and not work.is_repeated]
    without = [line for line in sold if (line.item.billing_period or situation.request.billing_period) is None]
    plans = find_plans(deps.stigg, [str(line.item.stigg_id) for line in without])
    for line in without:
        plan = plans[str(line.item.stigg_id)]
        if plan is not None and plan.pricing_type == "PAID":
            problem = f"is required, because {plan.id} is a paid plan. Give it for this line or for the opportunity"
            yield line.problem("billingPeriod", problem)
