"""Refuse discounts that Stigg cannot apply, or that leave open what they apply to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import Problem
from stigg_actions.models.provision_opportunity import ADDON
from stigg_actions.opportunities import amounts
from stigg_actions.opportunities.discounts import given
from stigg_actions.opportunities.line_terms import with_term_of
from stigg_actions.opportunities.lines import becomes_grant, overrides_price

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stigg_actions.models.discounts import DiscountTerms
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line

_ON_THE_PLAN = "is only for a Plan line, because Stigg discounts a subscription as a whole"
_REMEDIES = {
    ADDON: f"{_ON_THE_PLAN}. Give the discount on the line of its plan",
    "grant": "is not possible for a grant. Give its unitPrice after the discount",
}
_NO_PRICE = f"{_ON_THE_PLAN}, and an entitlement has no price. Leave it out"


def problems(request: ProvisionOpportunity, plans: Sequence[Line], others: Sequence[Line]) -> Iterator[Problem]:
    """Yield the problems of the discounts of a deal: of its plans' lines, its other lines, and its own."""
    if request.has_discount:
        yield from _of_the_deal(request, plans, others)
    for line in plans:
        yield from _of_a_plan(request, line)
    for line in others:
        if line.item.has_discount:
            yield line.problem(line.item.discount_field, _remedy(request, line))


def _of_the_deal(request: ProvisionOpportunity, plans: Sequence[Line], others: Sequence[Line]) -> Iterator[Problem]:
    yield from _of_terms(request, request, Problem)
    field = request.discount_field
    if not plans:
        yield Problem(field, "needs a Plan line, but the request has none")
    if request.discount_amount and len(plans) > 1:
        problem = f"would be taken off each of {len(plans)} plans; give it on the Plan lines instead"
        yield Problem(field, problem)
    for line in others:
        if line.item.grant_type == "PAID" and becomes_grant(request, line):
            problem = (
                f"is PAID, and {field} of the opportunity applies to plans only. Give {field} on the Plan lines "
                "instead, and the unitPrice of the grant after the discount"
            )
            yield line.problem("grantType", problem)


def _of_a_plan(request: ProvisionOpportunity, line: Line) -> Iterator[Problem]:
    terms, field = line.item, line.item.discount_field
    own = given(request, line)
    if own is not None and own.discount_months is None and line.item.co_terminate:
        yield line.problem("discountMonths", "is required with coTerminate, because the end is not known yet")
    if terms.has_discount:
        yield from _of_terms(with_term_of(request, line), terms, line.problem)
    if terms.has_discount and request.has_discount:
        problem = f"cannot be added to {request.discount_field} of the opportunity; give one of them"
        yield line.problem(field, problem)
    if given(request, line) and overrides_price(request, line) and line.item.unit_price == 0:
        yield line.problem("unitPrice", "is 0, so there is no price to discount. Leave the discount out")


def _of_terms(
    request: ProvisionOpportunity, terms: DiscountTerms, problem: Callable[[str, str], Problem]
) -> Iterator[Problem]:
    if terms.discount_months is not None and request.start_date is None:
        yield Problem("startDate", "is required with discountMonths")
    if terms.discount_months is None and request.start_date is None and request.ends_at is not None:
        yield problem("discountMonths", "is required with startDate, because the term has an end and no start")
    if terms.discount_amount and request.currency is None:
        yield Problem("currency", "is required with discountAmount")
    elif terms.discount_amount and not amounts.is_exact(terms.discount_amount, str(request.currency)):
        yield problem("discountAmount", amounts.too_many_decimals(str(request.currency)))


def _remedy(request: ProvisionOpportunity, line: Line) -> str:
    kind = "grant" if becomes_grant(request, line) else str(line.item.stigg_type)
    return _REMEDIES.get(kind, _NO_PRICE)
