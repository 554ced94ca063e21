"""Find the operation by which an earlier call began the same work, so that it is carried on with its stored request."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.exactly_once.settle import settle_first
from stigg_actions.storage.snapshot import Target

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.plan_parts import PlanWork
    from stigg_actions.storage.operation import Operation


class Earlier(NamedTuple):
    """Earlier operations: of the same work, if it is not settled or awaits a payment; and another that is unsettled.

    ``running``: a call may carry the other one out now.
    """

    same: Operation | None = None
    other: Operation | None = None
    running: bool = False

    def settle_other(self, deps: Deps) -> bool:
        """Settle the other operation, or let it run; return whether there was one.

        Raises:
            InProgress: it has an unknown outcome, and may still take effect.
        """
        if self.other is None:
            return False
        settle_first(self.other, deps, running=self.running)
        return True


def earlier(work: PlanWork, customer_id: str, deps: Deps) -> Earlier:
    """Return the operations of earlier calls that the work for a plan has to take into account."""
    customer = deps.ledger.snapshot(Target(work.situation.known.opportunity.org_id, customer_id), None).customer
    lease = customer.lease if customer else None
    unsettled = deps.ledger.operation(lease.operation_key, lease.intent) if lease else None
    if lease and unsettled and not unsettled.settled:
        same, other = (unsettled, None) if _is_of(work, unsettled) else (None, unsettled)
        return Earlier(same, other, lease.running)
    latest = work.source.latest if work.source and work.is_repeated else None
    paid_later = deps.ledger.operation(latest.operation_key, latest.intent) if latest else None
    return Earlier(paid_later if paid_later and paid_later.awaits_payment and not paid_later.forgotten_at else None)


def _is_of(work: PlanWork, operation: Operation) -> bool:
    """Whether an operation requests what the work does, for its line."""
    records = {operation.record_id, operation.request.get("newSalesforceRecordId")}
    return operation.wish == work.wish and bool(records & {work.line.id, work.source_id})
