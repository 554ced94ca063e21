"""Refuse trials that Stigg cannot give, or that leave open what they apply to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.opportunities.line_terms import with_term_of
from stigg_actions.opportunities.lines import becomes_grant
from stigg_actions.opportunities.trials import end, given, is_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.models.trials import TrialTerms
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.opportunities.plan_parts import PlanWork

_WITH_ITS_PLAN = "is only for a Plan line: add-ons and entitlements are on trial with their plan. Leave it out"
_OF_A_GRANT = "is not possible for a grant. Leave it out"
_PAID_GRANT = (
    "is PAID, which is charged although the opportunity is a trial. Give the trial on the Plan lines, or grant the "
    "credits as PROMOTIONAL"
)


def problems(request: ProvisionOpportunity, plans: Sequence[Line], others: Sequence[Line]) -> Iterator[Problem]:
    """Yield the problems of the trials of a deal: of its plans' lines, its other lines, and its own."""
    if request.has_trial:
        yield from _of_the_deal(request, plans, others)
    for line in plans:
        if line.item.has_trial:
            yield from _of_terms(with_term_of(request, line), line.item, line.problem)
    for line in others:
        if line.item.has_trial:
            problem = _OF_A_GRANT if becomes_grant(request, line) else _WITH_ITS_PLAN
            yield line.problem(line.item.trial_field, problem)
    if request.contract and any(given(request, line) for line in plans):
        yield Problem("contract", "is not possible with a trial; give it once the deal is won")


def refuse_past(works: Sequence[PlanWork], now: float) -> None:
    """Refuse a trial that is over for a line that was not given as a trial before, or that is to be applied again.

    Raises:
        RequestInvalid: naming the field of each line, or of the opportunity.
    """
    found = dict.fromkeys(problem for work in works for problem in _past(work, now))
    if found:
        raise RequestInvalid(list(found))


def _past(work: PlanWork, now: float) -> Iterator[Problem]:
    request = work.situation.request
    terms = given(request, work.line)
    ends = end(with_term_of(request, work.line), terms) if terms else None
    is_known = work.source_id in work.situation.known.opportunity.lines and not request.reapply
    if terms is not None and ends is not None and is_over(ends, now) and not is_known:
        problem = "leads to an end in the past; give a later end, or no trial"
        yield _reporter(request, terms, work.line)(terms.trial_field, problem)


def _reporter(request: ProvisionOpportunity, terms: TrialTerms, line: Line) -> Callable[[str, str], Problem]:
    return Problem if terms is request else line.problem


def _of_the_deal(request: ProvisionOpportunity, plans: Sequence[Line], others: Sequence[Line]) -> Iterator[Problem]:
    yield from _of_terms(request, request, Problem)
    if not plans:
        yield Problem(request.trial_field, "needs a Plan line, but the request has none")
    for line in others:
        if line.item.grant_type == "PAID" and becomes_grant(request, line):
            yield line.problem("grantType", _PAID_GRANT)


def _of_terms(
    request: ProvisionOpportunity, terms: TrialTerms, problem: Callable[[str, str], Problem]
) -> Iterator[Problem]:
    try:
        ends = end(request, terms)
    except ValueError as error:
        yield problem(terms.trial_field, f"leads to an end that is not accepted: it {error}")
        return
    if ends is None:
        yield Problem("startDate", "is required with trialDays")
    else:
        yield from _misplaced(request, ends, terms, problem)


def _misplaced(
    request: ProvisionOpportunity, ends: datetime, terms: TrialTerms, problem: Callable[[str, str], Problem]
) -> Iterator[Problem]:
    if request.start_date is not None and ends <= request.start_date:
        yield problem(terms.trial_field, "must lead to an end later than startDate")
    if request.ends_at is not None and ends >= request.ends_at:
        yield problem(terms.trial_field, "must lead to an end before the end of the term")
