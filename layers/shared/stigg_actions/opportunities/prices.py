"""Complete the answer of a dry run: the price of each line and the totals, and no ids that do not exist yet."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.models.price import Price
from stigg_actions.models.provision_opportunity_result import OpportunityTotal
from stigg_actions.models.renew_subscription import RenewalResult
from stigg_actions.opportunities import amounts
from stigg_actions.opportunities.foreseeing import NOT_YET
from stigg_actions.opportunities.parts import Granted
from stigg_actions.opportunities.sold import Sold
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.models.provision_opportunity_result import OpportunityLineResult, ProvisionedOpportunity
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.opportunities.parts import Ended, Part

_ABSENT = ("subscription_id", "grant_id", "status")
_OF_A_PRICE = {"minimumSpend", "priceOverrides"}
"""The terms of a deal that change a price but that Stigg's calculation ignores."""
_UNPAID = {"created", "scheduled", "paymentRequired"}


class _Priced(NamedTuple):
    """The amounts of one line; None: Stigg gives no price."""

    currency: str | None = None
    period: str | None = None
    immediate: Decimal | None = None
    recurring: Decimal | None = None
    not_priced: list[str] | None = None


def reported(
    answer: ProvisionedOpportunity, request: ProvisionOpportunity, done: Mapping[str, tuple[Part, Ended]]
) -> ProvisionedOpportunity:
    """Return the answer of a dry run, from the answer that the call would have."""
    prices = {line_id: _priced(request, part.line, ended) for line_id, (part, ended) in done.items()}
    lines = [_line(line, prices.get(line.salesforce_line_item_id, _Priced())) for line in answer.lines]
    totals = _totals(prices.values())
    update = {"outcome": "dryRun", "dry_run_outcome": answer.outcome, "lines": lines, "totals": totals}
    return answer.model_copy(update=update)


def _line(line: OpportunityLineResult, priced: _Priced) -> OpportunityLineResult:
    absent: dict[str, Any] = {name: None for name in _ABSENT if getattr(line, name) == NOT_YET}
    if "status" in absent:
        absent["active"] = None
    amounts_of_it = {
        "immediate_total": priced.immediate,
        "recurring_total": priced.recurring,
        "price_currency": priced.currency,
        "not_priced": priced.not_priced,
    }
    return line.model_copy(update={**absent, **drop_none(amounts_of_it)})


def _priced(request: ProvisionOpportunity, line: Line, ended: Ended) -> _Priced:
    if isinstance(ended, Granted):
        return _price_of_a_grant(request, line, ended)
    if not isinstance(ended, Sold) or ended.answer.replayed:
        return _Priced()
    answer = ended.answer
    report = answer if isinstance(answer, RenewalResult) else answer.dry_run_result
    if not isinstance(report, Price):
        return _Priced()
    period = line.item.billing_period or request.billing_period
    currency = report.immediate_currency or report.recurring_currency
    ignored = [name for name in report.not_priced or () if name in _OF_A_PRICE and currency is not None]
    return _Priced(currency, period, report.immediate_total, report.recurring_total, ignored or None)


def _price_of_a_grant(request: ProvisionOpportunity, line: Line, granted: Granted) -> _Priced:
    item, currency = line.item, request.currency
    is_new = not granted.answer.replayed and granted.answer.outcome in _UNPAID
    if not is_new or item.grant_type != "PAID" or item.unit_price is None or item.quantity is None or currency is None:
        return _Priced()
    return _Priced(currency, None, amounts.total(item.unit_price, item.quantity, currency))


def _totals(prices: Iterable[_Priced]) -> list[OpportunityTotal]:
    sums: dict[tuple[str, str | None], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for priced in prices:
        if priced.currency is not None:
            of_both = sums[priced.currency, priced.period]
            of_both[0] += priced.immediate or 0
            of_both[1] += priced.recurring or 0
    return [
        OpportunityTotal.model_validate(
            {
                "currency": currency,
                **drop_none({"billing_period": period}),
                "immediate_total": now,
                "recurring_total": later,
            }
        )
        for (currency, period), (now, later) in sums.items()
    ]
