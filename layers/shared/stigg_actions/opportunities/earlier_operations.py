"""Find the operation by which an earlier call began the same work, so that it is carried on with its stored request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.storage.snapshot import Target

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.plan_parts import PlanWork
    from stigg_actions.storage.operation import Operation


def earlier_operation(work: PlanWork, customer_id: str, deps: Deps) -> Operation | None:
    """Return the operation of an earlier call for the same: one that is not settled, or that awaits a payment."""
    customer = deps.ledger.snapshot(Target(work.situation.known.opportunity.org_id, customer_id), None).customer
    lease = customer.lease if customer else None
    latest = work.source.latest if work.source and work.is_repeated else None
    keys = [(begun.operation_key, begun.intent) for begun in (lease, latest) if begun is not None]
    operations = (deps.ledger.operation(*key) for key in keys)
    return next((operation for operation in operations if operation and _is_begun(operation, work.wish)), None)


def _is_begun(operation: Operation, wish: str) -> bool:
    return operation.wish == wish and (not operation.settled or operation.awaits_payment)
