"""Answering provision-opportunity: all lines are checked, then the customer and each part are done, once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from stigg_actions.deals import memory, requests, results
from stigg_actions.deals.parts import carry_out, parts_of
from stigg_actions.deals.products import refuse_rivals
from stigg_actions.deals.sorting import sort_lines
from stigg_actions.models.opportunity_results import OpportunityLineResult, ProvisionedOpportunity
from stigg_actions.once import perform
from stigg_actions.shown import given
from stigg_actions.writes.customer import CustomerWrite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.models.customers import CustomerResult
    from stigg_actions.models.opportunities import ProvisionOpportunity

_LEFT = {"failed", "notStarted"}
_NOTHING_TO_DO = {"ignored", "removed"}
_COUNTS = {
    "created": "created_count",
    "scheduled": "created_count",
    "amended": "amended_count",
    "replaced": "replaced_count",
    "paymentRequired": "payment_required_count",
    "unchanged": "unchanged_count",
    "failed": "failed_count",
    "notStarted": "not_started_count",
    "ignored": "ignored_count",
    "removed": "removed_count",
}


def provision(request: ProvisionOpportunity, deps: Deps) -> ProvisionedOpportunity:
    """Provision the customer, then each line as an operation of its own; a line that fails leaves the others.

    Raises:
        RequestInvalid: any line is wrong; nothing was done.
        ActionError: the customer could not be provisioned, or nothing could be read; nothing was done for the lines.
    """
    deal = sort_lines(request)
    org_id = request.salesforce_org_id or deps.settings.default_org_id
    opportunity = deps.records.opportunity(org_id, request.salesforce_opportunity_id)
    known = memory.known(opportunity, deal, deps)
    parts = parts_of(request, deal, known)
    wanted_customer = requests.customer(request)
    refuse_rivals([part.plan for part in deal.plans], deps.stigg)
    opportunity = memory.note(opportunity, deal, deps)
    customer = perform(CustomerWrite(wanted_customer, deps))
    done = [one for each in carry_out(parts, customer.customer_id, deps) for one in results.results_of(*each)]
    order = {item.salesforce_line_item_id: position for position, item in enumerate(request.line_items)}
    if not any(line.outcome in _LEFT | {"paymentRequired"} for line in done):
        memory.forget_former(opportunity, deps)
    lines = [*done, *map(results.ignored, deal.ignored)]
    lines.sort(key=lambda line: order[line.salesforce_line_item_id])
    return _answer(request, customer, [*lines, *results.removed(known)])


def _answer(
    request: ProvisionOpportunity, customer: CustomerResult, lines: Sequence[OpportunityLineResult]
) -> ProvisionedOpportunity:
    customer_outcome = "unchanged" if customer.replayed else customer.outcome
    counts: Counter[str] = Counter(dict.fromkeys(_COUNTS.values(), 0))
    counts.update(_COUNTS[line.outcome] for line in lines)
    told: dict[str, Any] = {
        "outcome": _outcome(customer_outcome, lines),
        "salesforce_opportunity_id": request.salesforce_opportunity_id,
        "customer_id": customer.customer_id,
        "customer_outcome": customer_outcome,
        "retryable": any(line.retryable for line in lines),
        "lines": lines,
        **counts,
        **given({"customer_url": customer.customer_url}),
    }
    return ProvisionedOpportunity.model_validate(told)


def _outcome(customer_outcome: str, lines: Sequence[OpportunityLineResult]) -> str:
    outcomes = {line.outcome for line in lines} - _NOTHING_TO_DO
    if outcomes & _LEFT:
        return "failed" if outcomes == {"failed"} else "partial"
    return "unchanged" if outcomes | {customer_outcome} == {"unchanged"} else "provisioned"
