"""Turn the discounts of a deal into the coupons of its subscriptions. Stigg applies one coupon to a subscription."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from stigg_actions.decimal_json import plain_number
from stigg_actions.models import moments
from stigg_actions.opportunities import trials
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.models.discounts import DiscountTerms
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line

_DESCRIPTION = "Salesforce opportunity"
"""How the description of a deal's discount begins. It names the deal, so the next deal's discount is another one."""


def given(request: ProvisionOpportunity, line: Line) -> DiscountTerms | None:
    """Return the discount of a plan's line: its own, or else the opportunity's."""
    return next((terms for terms in (line.item, request) if terms.has_discount), None)


def coupon(request: ProvisionOpportunity, line: Line) -> dict[str, Any] | None:
    """Return the coupon of a plan's subscription, as create-subscription takes it. After a trial, it starts then."""
    terms = given(request, line)
    if terms is None:
        return None
    amount = {"amount": terms.discount_amount, "currency": request.currency}
    discount = {
        "name": _name(terms, request.currency),
        "description": f"{_DESCRIPTION} {request.salesforce_opportunity_id}",
        "durationInMonths": months(request, terms),
        "percentOff": terms.discount_percent or None,
        "amountsOff": [amount] if terms.discount_amount else None,
    }
    trial = trials.configuration(request, line)
    starts = {"configuration": {"startDate": trial["trialEndDate"]}} if trial else {}
    return {"discount": drop_none(discount), **starts}


def months(request: ProvisionOpportunity, terms: DiscountTerms) -> int | None:
    """Return how many months a discount lasts: as given, else those of the term. None if it has no end."""
    start, end = request.start_date, request.ends_at
    if terms.discount_months is not None or start is None or end is None:
        return terms.discount_months
    last_day = (end - timedelta(seconds=1)).astimezone(start.tzinfo).date()
    apart = 12 * (last_day.year - start.year) + last_day.month - start.month
    return apart if apart and last_day < moments.months_later(start.date(), apart) else apart + 1


def is_over(request: ProvisionOpportunity, line: Line, now: float) -> bool:
    """Whether the months of a plan's discount are over. Sent again, it would last as long once more."""
    terms = given(request, line)
    return _are_over(request.start_date, months(request, terms) if terms else None, now)


def _are_over(start: datetime | None, lasts: int | None, now: float) -> bool:
    if start is None or lasts is None:
        return False
    return moments.months_later(start.date(), lasts) <= datetime.fromtimestamp(now, UTC).astimezone(start.tzinfo).date()


def kept(
    request: ProvisionOpportunity, last_given: Mapping[str, Any], wanted: Mapping[str, Any] | None, now: float
) -> str | None:
    """Return the note that a subscription keeps the discount of an earlier deal that no field gives any more."""
    discount = (last_given.get("appliedCoupon") or {}).get("discount") or {}
    is_ours = str(discount.get("description")).startswith(_DESCRIPTION)
    if wanted is not None or not is_ours or _are_over(request.start_date, discount.get("durationInMonths"), now):
        return None
    return (
        f"The subscription keeps its discount ({discount.get('name')}), because Stigg's API cannot remove one. "
        "Remove it in the Stigg app."
    )


def _name(terms: DiscountTerms, currency: str | None) -> str:
    """Return the name of a discount, which customers may read on their invoices."""
    if terms.discount_amount:
        return f"{plain_number(terms.discount_amount)} {str(currency).upper()} discount"
    return f"{plain_number(terms.discount_percent or Decimal(0))}% discount"
