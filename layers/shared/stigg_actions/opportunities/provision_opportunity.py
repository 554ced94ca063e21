"""Answer provision-opportunity: check all lines, then provision the customer and each part once."""

from __future__ import annotations

from collections import Counter
from copy import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import RequestInvalid
from stigg_actions.exactly_once import freshness
from stigg_actions.models.provision_opportunity_result import OpportunityLineResult, ProvisionedOpportunity
from stigg_actions.opportunities import (
    contract,
    field_names,
    free_plans,
    line_records,
    line_results,
    removed_parts,
    requests,
    trial_checks,
)
from stigg_actions.opportunities.line_sorting import sort_lines
from stigg_actions.opportunities.parts import carry_out, parts_of
from stigg_actions.opportunities.performing import carried_out
from stigg_actions.opportunities.plan_parts import PlanWork
from stigg_actions.opportunities.product_conflicts import refuse_rivals
from stigg_actions.opportunities.quantity_modes import has_changes
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
    from stigg_actions.opportunities.lines import Deal, PlanPart
    from stigg_actions.opportunities.parts import Ended, Part
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.storage.opportunity_lines import OpportunityState

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
    "canceled": "canceled_count",
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
    while (after := _noted(situation, deps)) is None:
        situation, parts = _checked(request, deal, deps)  # another call stored its lines first
    done = {part.line.id: (part, ended) for part, ended in carry_out(parts, customer.customer_id, deps)}
    lines = [line for outcome in done.values() for line in line_results.results_of(*outcome)]
    aftermath = Aftermath(situation, done)
    if not request.dry_run:
        noted = removed_parts.with_marks(after, aftermath)
        line_records.note_done(after, replace(noted, former={}) if _all_done(lines) else noted, deps)
    lines += map(line_results.ignored, situation.deal.ignored)
    lines += map(line_results.refused, situation.deal.refused)
    order = {item.salesforce_line_item_id: position for position, item in enumerate(request.line_items)}
    lines.sort(key=lambda line: order[line.salesforce_line_item_id])
    of_contract = contract.bundle(request, customer.customer_id, lines, deps)
    ended = _end_removed(aftermath, deps, is_finished=_all_done(lines)) if request.removed == "cancel" else {}
    answer = _answer(request, customer, [*lines, *removed(aftermath, ended, deps)], of_contract)
    return _reported(answer, situation, done) if request.dry_run else answer


def _noted(situation: Situation, deps: Deps) -> OpportunityState | None:
    """Store the lines of the deal, but not in a dry run; return None if another call stored them meanwhile."""
    if situation.request.dry_run:
        return situation.after
    return line_records.note(situation.after, situation.known, deps)


def _reported(
    answer: ProvisionedOpportunity, situation: Situation, done: Mapping[str, tuple[Part, Ended]]
) -> ProvisionedOpportunity:
    """Return the answer of a dry run. Its module is imported on demand."""
    reported: ProvisionedOpportunity = import_module("stigg_actions.opportunities.prices").reported(
        answer, situation.request, done
    )
    return reported


def _checked(request: ProvisionOpportunity, deal: Deal, deps: Deps) -> tuple[Situation, list[Part]]:
    """Read the situation of the deal, check it, and return its parts. Raises what ``provision`` raises."""
    situation = look(request, deal, deps)
    works = [_work(situation, part) for part in situation.deal.plans]
    parts = parts_of(situation, works)
    check_terms(situation, works, deps)
    trial_checks.refuse_past(works, situation.now)
    plans = [work.line for work in works]
    refuse_rivals(plans, deps.stigg)
    free_plans.refuse_free(request, plans, deps.stigg)
    contract.refuse_unfit(request, plans, deps.stigg)
    return situation, parts


def _work(situation: Situation, part: PlanPart) -> PlanWork:
    if part.co_terminates:  # an existing subscription keeps its end; that of a new one is found out when it is sold
        situation = replace(situation, request=requests.with_end(situation.request, None))
    source = situation.known.own(situation.taken.get(part.plan.id, part.plan.id))
    if part.segments or not has_changes(part, source.sold if source else None):
        return PlanWork(situation, part)
    from stigg_actions.opportunities.changed_plans import ChangedPlanWork  # noqa: PLC0415 - few deals give differences

    return ChangedPlanWork(situation, part)


def _all_done(lines: Sequence[OpportunityLineResult]) -> bool:
    """Whether no line failed, was left for the next call or waits for a payment."""
    return not any(line.outcome in _LEFT | {"paymentRequired"} for line in lines)


def _end_removed(after: Aftermath, deps: Deps, *, is_finished: bool) -> dict[str, dict[str, Any]]:
    from stigg_actions.opportunities import ended_lines  # noqa: PLC0415 - few deals end what was removed

    return ended_lines.end_removed(after, deps, is_finished=is_finished)


def _customer(request: ProvisionOpportunity, customer: CreateCustomer, deps: Deps) -> CustomerResult:
    try:
        return carried_out(CreateCustomerWrite(customer, deps), request)
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
