"""Answer provision-opportunity: check all lines, then provision the customer and each part once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import RequestInvalid
from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.provision_opportunity_result import OpportunityLineResult, ProvisionedOpportunity
from stigg_actions.opportunities import contract, field_names, line_records, line_results, requests
from stigg_actions.opportunities.line_sorting import sort_lines
from stigg_actions.opportunities.parts import carry_out, parts_of
from stigg_actions.opportunities.plan_parts import PlanWork
from stigg_actions.opportunities.product_conflicts import refuse_rivals
from stigg_actions.opportunities.removed_lines import removed
from stigg_actions.opportunities.results_by_line import Aftermath
from stigg_actions.opportunities.situation import look
from stigg_actions.opportunities.terms import check_terms
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes.create_customer import CreateCustomerWrite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.models.create_customer import CreateCustomer, CustomerResult
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Deal
    from stigg_actions.opportunities.parts import Part
    from stigg_actions.opportunities.situation import Situation

_LEFT = {"failed", "notStarted"}
_NO_LINES = {"ignored", "removed"}
_NOTHING_DONE = {*_NO_LINES, "superseded", "unchanged"}
_COUNTS = {
    "created": "created_count",
    "scheduled": "created_count",
    "amended": "amended_count",
    "replaced": "replaced_count",
    "paymentRequired": "payment_required_count",
    "unchanged": "unchanged_count",
    "superseded": "superseded_count",
    "failed": "failed_count",
    "notStarted": "not_started_count",
    "ignored": "ignored_count",
    "removed": "removed_count",
}


def provision(request: ProvisionOpportunity, deps: Deps) -> ProvisionedOpportunity:
    """Provision the customer, then each line as its own operation; a line that fails does not stop the others.

    Raises:
        RequestInvalid: a line is wrong; no line was provisioned.
        Conflict: a line or the account belongs to another customer; no line was provisioned.
        ActionError: the customer could not be provisioned or the deal not be read; no line was provisioned.
    """
    freshness.check(request, now=deps.clock.now())
    wanted_customer, deal = requests.customer(request), sort_lines(request)
    situation, parts = _checked(request, deal, deps)
    customer = _customer(request, wanted_customer, deps)
    while (after := line_records.note(situation.after, situation.known, deps)) is None:
        situation, parts = _checked(request, deal, deps)  # another call stored its lines first
    done = {part.line.id: (part, ended) for part, ended in carry_out(parts, customer.customer_id, deps)}
    lines = [line for outcome in done.values() for line in line_results.results_of(*outcome)]
    if not any(line.outcome in _LEFT | {"paymentRequired"} for line in lines):
        line_records.forget_former(after, deps)
    lines += map(line_results.ignored, situation.deal.ignored)
    lines += map(line_results.refused, situation.deal.refused)
    order = {item.salesforce_line_item_id: position for position, item in enumerate(request.line_items)}
    lines.sort(key=lambda line: order[line.salesforce_line_item_id])
    of_contract = contract.bundle(request, customer.customer_id, lines, deps)
    return _answer(request, customer, [*lines, *removed(Aftermath(situation, done), deps)], of_contract)


def _checked(request: ProvisionOpportunity, deal: Deal, deps: Deps) -> tuple[Situation, list[Part]]:
    """Read the situation of the deal, check it, and return its parts. Raises what ``provision`` raises."""
    situation = look(request, deal, deps)
    works = [PlanWork(situation, part, deps.clock.now()) for part in situation.deal.plans]
    parts = parts_of(situation, works)
    check_terms(situation, works, deps)
    plans = [work.line for work in works]
    refuse_rivals(plans, deps.stigg)
    contract.refuse_unfit(request, plans, deps.stigg)
    return situation, parts


def _customer(request: ProvisionOpportunity, customer: CreateCustomer, deps: Deps) -> CustomerResult:
    try:
        return perform(CreateCustomerWrite(customer, deps))
    except RequestInvalid as error:
        raise field_names.of_customer(request, error) from None


def _answer(
    request: ProvisionOpportunity,
    customer: CustomerResult,
    lines: Sequence[OpportunityLineResult],
    of_contract: Mapping[str, Any],
) -> ProvisionedOpportunity:
    customer_outcome = "unchanged" if customer.replayed else customer.outcome
    counts: Counter[str] = Counter(dict.fromkeys(_COUNTS.values(), 0))
    counts.update(_COUNTS[line.outcome] for line in lines)
    fields: dict[str, Any] = {
        "outcome": _outcome((customer_outcome, of_contract.get("contract_outcome", "unchanged")), lines),
        "salesforce_opportunity_id": request.salesforce_opportunity_id,
        "customer_id": customer.customer_id,
        "customer_outcome": customer_outcome,
        "lines": lines,
        **counts,
        **drop_none({"customer_url": customer.customer_url}),
        **of_contract,
        "retryable": bool(of_contract.get("retryable")) or any(line.retryable for line in lines),
    }
    return ProvisionedOpportunity.model_validate(fields)


def _outcome(beside: tuple[str, ...], lines: Sequence[OpportunityLineResult]) -> str:
    """Return the outcome of the whole; ``beside``: the outcomes of the customer and of the contract."""
    outcomes = {line.outcome for line in lines}
    if outcomes & _LEFT:
        return "failed" if outcomes - _NO_LINES == {"failed"} else "partial"
    if "failed" in beside:
        return "partial"
    return "provisioned" if {*outcomes, *beside} - {*_NOTHING_DONE, "notStarted"} else "unchanged"
