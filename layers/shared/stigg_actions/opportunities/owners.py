"""Refuse a deal whose account or lines belong to another customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import Conflict
from stigg_actions.opportunities import credit_grants
from stigg_actions.storage.operation import Status
from stigg_actions.storage.snapshot import Snapshot, Target
from stigg_actions.writes.ownership import refuse_other_customer, refuse_other_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.line_history import Known
    from stigg_actions.opportunities.lines import Deal
    from stigg_actions.storage.mapping import RecordState


def refuse_others(known: Known, account_id: str, deal: Deal, taken: Mapping[str, str], deps: Deps) -> None:
    """Refuse a deal for one customer whose account or lines belong to another.

    The tables are read already; Stigg is read only before a refusal.

    Raises:
        Conflict: CUSTOMER_MISMATCH, naming both customers and the remedies.
    """
    _refuse_account(known, account_id)
    plans = {part.plan.id for part in deal.plans}
    for line_id in sorted(plans | {taken[line_id] for line_id in plans & taken.keys()}):
        record = known.records.get(line_id)
        if record is not None:
            _refuse_record(record, known.customer_id, deps)
    for line in deal.grants:
        _refuse_grant(known, taken.get(line.id, line.id), deps)


def mismatch(problem: str, customer_id: str, other: str) -> Conflict:
    """Return the error for a line that belongs to another customer than the deal, with the remedies."""
    return Conflict("CUSTOMER_MISMATCH", f"{problem} This deal is for customer {customer_id}. {_ways_out(other)}")


def _ways_out(other: str) -> str:
    return (
        "Nothing was done for the deal. If the account of the opportunity was corrected, first cancel the subscription "
        f"of {other} (cancel-subscription) or move it (delegate-subscription), or sell with new lines. If Salesforce "
        "merged the accounts of both, have their customers merged (merge-customers)."
    )


def _refuse_account(known: Known, account_id: str) -> None:
    linked = Snapshot(Target(known.opportunity.org_id), linked_customer_id=known.linked_customer_id)
    refuse_other_link(linked, account_id, known.customer_id)


def _refuse_record(record: RecordState, customer_id: str, deps: Deps) -> None:
    try:
        refuse_other_customer(record, customer_id, deps)
    except Conflict as error:
        raise Conflict(error.code, f"{error.explanation} {_ways_out(record.customer_id)}") from None


def _refuse_grant(known: Known, line_id: str, deps: Deps) -> None:
    noted = known.opportunity.lines.get(line_id)
    if noted is None or noted.customer_id in {None, known.customer_id}:
        return
    granted = credit_grants.operation(known.opportunity, line_id, deps)
    if granted is not None and granted.status is not Status.FAILED and granted.customer_id != known.customer_id:
        problem = f"The credits of line {line_id} were granted to customer {granted.customer_id}."
        raise mismatch(problem, known.customer_id, str(granted.customer_id))
