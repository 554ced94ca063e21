"""Refuse what does not go with dates of lines: differences, co-termination, and a discount or trial of a ramp."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stigg_actions.errors import Problem
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line


def problems(request: ProvisionOpportunity, plans: Sequence[Line], others: Sequence[Line]) -> Iterator[Problem]:
    """Yield the problems of lines whose dates do not go with what else they say."""
    for plan in plans:
        lines = (plan, *plan.later)
        for line in lines:
            yield from _of_a_date(line)
        if plan.later:
            yield from _of_a_ramp(request, lines)
    for line in others:
        yield from _of_a_date(line)


def _of_a_date(line: Line) -> Iterator[Problem]:
    if line.item.has_dates and line.item.is_delta:
        yield line.problem("quantityMode", "cannot be delta for a line with dates of its own; give totals")
    if line.item.has_dates and line.item.co_terminate:
        yield line.problem("coTerminate", "cannot be true for a line with dates of its own; leave one of them out")


def _of_a_ramp(request: ProvisionOpportunity, lines: Sequence[Line]) -> Iterator[Problem]:
    what = "is not possible for a plan with several segments; give each segment its price (unitPrice)"
    for line in lines:
        discount = next((terms for terms in (line.item, request) if terms.has_discount), None)
        if discount is not None:
            yield line.problem(discount.discount_field, what)
        trial = next((terms for terms in (line.item, request) if terms.has_trial), None)
        if trial is not None:
            yield line.problem(
                trial.trial_field, "is not possible for a plan with several segments; sell the trial first"
            )
