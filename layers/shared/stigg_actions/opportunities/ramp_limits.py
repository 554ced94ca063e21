"""Refuse what does not go with dates of lines: differences, co-termination, and a discount or trial of a ramp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.opportunities import trials
from stigg_actions.opportunities.lines import candidates
from stigg_actions.opportunities.quantity_modes import is_changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.storage.mapping import MappedSubscription

_NO_DIFFERENCE = (
    "cannot be delta, and a total cannot be 0, for a plan whose lines have dates; give the totals of each segment and "
    "leave out what it does not have"
)
_NO_OTHER_END = "cannot be true for a line with dates of its own; leave its dates out, or give it coTerminate false"
_NO_DISCOUNT = (
    "is not possible for a plan with several segments; give each segment its unitPrice, with overrideBaseCharge"
)
_MORE_THAN_A_STEP = (
    "cannot change on a later date of the line: a segment changes units, price, add-ons and entitlements. Give the "
    "startDate of the opportunity instead, or send the line once that date has come"
)
_NO_TRIAL = "is not possible for a plan with several segments; sell the trial first"


def problems(request: ProvisionOpportunity, plans: Sequence[Line], others: Sequence[Line]) -> Iterator[Problem]:
    """Yield the problems of lines whose dates do not go with what else they or the request say."""
    dated = [plan for plan in plans if plan.item.has_dates]
    parts = [line for line in others if any(plan in dated for plan in candidates(line, plans))]
    of_ramps = [line for plan in dated for line in (plan, *plan.later)]
    for line in (*of_ramps, *parts):
        if is_changed(line):
            yield line.problem("quantityMode", _NO_DIFFERENCE)
    for line in (*of_ramps, *others):
        if line.item.has_dates and line.item.co_terminate:
            yield line.problem("coTerminate", _NO_OTHER_END)
    for plan in dated:
        if plan.later:
            yield from _of_a_ramp(request, (plan, *plan.later))


def refuse_other_terms(
    request: ProvisionOpportunity, plan: Line, current: MappedSubscription, terms: Mapping[str, Any]
) -> None:
    """Refuse a segment that begins later for a subscription from which it differs in more than a step changes.

    Raises:
        RequestInvalid: another plan or billing period, a discount, or the end of a trial.
    """
    period, present = plan.item.billing_period or request.billing_period, terms.get("billingPeriod")
    found = {
        "stiggId": plan.item.stigg_id != current.plan_id,
        "billingPeriod": None not in {period, present} and period != present,
        "discountPercent": request.has_discount or plan.item.has_discount,
        "startDate": trials.becomes_paid(terms, trials.configuration(request, plan)),
    }
    problems = [plan.problem(field, _MORE_THAN_A_STEP) for field, differs in found.items() if differs]
    if problems:
        raise RequestInvalid(problems)


def _of_a_ramp(request: ProvisionOpportunity, lines: Sequence[Line]) -> Iterator[Problem]:
    """Yield the problems of discounts and trials that segments or the request give."""
    if request.has_discount:
        yield Problem(request.discount_field, _NO_DISCOUNT)
    if request.has_trial:
        yield Problem(request.trial_field, _NO_TRIAL)
    for line in lines:
        if line.item.has_discount:
            yield line.problem(line.item.discount_field, _NO_DISCOUNT)
        if line.item.has_trial:
            yield line.problem(line.item.trial_field, _NO_TRIAL)
