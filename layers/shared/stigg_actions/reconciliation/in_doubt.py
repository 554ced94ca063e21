"""Settle operations whose outcome is unknown and whose caller has not repeated them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal

from stigg_actions.exactly_once.registry import can_be_found
from stigg_actions.exactly_once.settle import settle
from stigg_actions.models.reconcile import SettledOperation
from stigg_actions.storage.operation import LONGEST_RUN_SECONDS, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.models.reconcile import Reconcile
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.operation_index import Reference

MOST_OPERATIONS = 100
"""The most operations that one run settles."""

SECONDS_FOR_ONE = 8.0
"""The time that a run must have left to settle another operation, which takes one to three calls."""

type Result = Literal["succeeded", "failed", "unsettled", "wouldBeLookedUp"]


def settle_all(request: Reconcile, deps: Deps) -> Iterator[SettledOperation]:
    """Settle operations that are unknown, or started and past their deadline, oldest first."""
    for operation in islice(_unsettled(request, deps), MOST_OPERATIONS):
        yield SettledOperation(
            operation_key=operation.operation_key,
            kind=operation.kind,
            result="wouldBeLookedUp" if request.dry_run else _settled(operation, deps),
        )


def _unsettled(request: Reconcile, deps: Deps) -> Iterator[Operation]:
    """Yield the operations to settle while time is left. Workflows cannot be settled and are left out."""
    started_before = deps.clock.now() - request.minimum_age_seconds
    for reference in deps.operation_index.unsettled(started_before=started_before):
        if deps.deadline.seconds_left() < SECONDS_FOR_ONE:
            return
        operation = _to_be_settled(reference, request, deps)
        if operation is not None:
            yield operation


def _to_be_settled(reference: Reference, request: Reconcile, deps: Deps) -> Operation | None:
    """Read an operation that the index shows; None if it is settled, still running or not to be settled here."""
    if not can_be_found(reference.kind):
        return None
    operation = deps.ledger.operation(reference.operation_key, reference.intent)
    if operation is None or operation.settled or not operation.concerns(request.customer_id):
        return None
    is_running = operation.status is Status.STARTED and operation.started_at + LONGEST_RUN_SECONDS > deps.clock.now()
    return None if is_running else operation


def _settled(operation: Operation, deps: Deps) -> Result:
    settle(operation, deps)
    after = deps.ledger.operation(operation.operation_key, operation.intent)
    results: dict[Status, Result] = {Status.SUCCEEDED: "succeeded", Status.FAILED: "failed"}
    return results.get(after.status, "unsettled") if after else "unsettled"
