"""Whose the lines of an opportunity are: nothing is done for one customer on what belongs to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.deals import grants
from stigg_actions.errors import Conflict
from stigg_actions.operations import Status
from stigg_actions.stigg.wire import ENDED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deals.lines import Deal
    from stigg_actions.deals.memory import Known
    from stigg_actions.deps import Deps
    from stigg_actions.mappings import RecordState


def refuse_others(known: Known, deal: Deal, taken: Mapping[str, str], deps: Deps) -> None:
    """Refuse a deal whose account, or any of whose lines, belongs to another customer than it is for.

    What the tables hold costs nothing more; Stigg is asked only on the way to a refusal.

    Raises:
        Conflict: CUSTOMER_MISMATCH, naming both customers and the ways out.
    """
    _refuse_account(known)
    plans = {part.plan.id for part in deal.plans}
    for line_id in sorted(plans | {taken[one] for one in plans & taken.keys()}):
        record = known.records.get(line_id)
        if record is not None and record.customer_id != known.customer_id:
            _refuse_record(record, known.customer_id, deps)
    for line in deal.grants:
        _refuse_grant(known, taken.get(line.id, line.id), deps)


def mismatch(told: str, customer_id: str, other: str) -> Conflict:
    """Return the error for what belongs to another customer than the deal is for, with the ways out."""
    return Conflict(
        "CUSTOMER_MISMATCH",
        f"{told} This deal is for customer {customer_id}, and nothing was done. If the account of the opportunity was "
        f"corrected, end what {other} has first (cancel-subscription), transfer it in Stigg, or sell on new lines; "
        f"else send the deal for {other}.",
    )


def _refuse_account(known: Known) -> None:
    linked = known.linked_customer_id
    if linked is not None and linked != known.customer_id:
        raise mismatch(f"The opportunity's account is linked to customer {linked}.", known.customer_id, linked)


def _refuse_record(record: RecordState, customer_id: str, deps: Deps) -> None:
    for one in (*record.mapped, *record.awaited):
        found = None if one.status in ENDED else deps.stigg.find_subscription(one.subscription_id)
        if found is not None and not found.has_ended:
            told = (
                f"Line {record.record_id} has subscription {found.id} ({found.status}) of customer {found.customer_id}."
            )
            raise mismatch(told, customer_id, found.customer_id)


def _refuse_grant(known: Known, line_id: str, deps: Deps) -> None:
    noted = known.opportunity.lines.get(line_id)
    if noted is None or noted.customer_id in {None, known.customer_id}:
        return
    granted = grants.operation(known.opportunity, line_id, deps)
    if granted is not None and granted.status is not Status.FAILED and granted.customer_id != known.customer_id:
        told = f"The credits of line {line_id} were granted to customer {granted.customer_id}."
        raise mismatch(told, known.customer_id, str(granted.customer_id))
