"""Beginning a write: how its operation and its customer stand, and what that means for this request."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from math import ceil
from typing import TYPE_CHECKING

from stigg_actions import operations
from stigg_actions.dynamodb import ConditionFailedError
from stigg_actions.errors import Conflict
from stigg_actions.ledger import Standing, Ticket, new_token
from stigg_actions.operations import Operation, Status
from stigg_actions.settling import settle
from stigg_actions.waiting import Waits, in_progress

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.mappings import CustomerState, LatestOperation
    from stigg_actions.models.base import Answer, KeyedRequest
    from stigg_actions.writes.base import Write


class Move(Enum):
    """What to do about a request, given how its operation stands."""

    START = "first time, or again after a definite failure"
    RESUME = "an earlier run may have reached Stigg"
    ANEW = "wanted anew after it had been done"
    REPLAY = "give the stored answer again"
    WAIT = "somebody is at it this moment"


def begin[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], waits: Waits) -> Ticket | Result:
    """Return the right to carry the write out, or the answer that stands already."""
    deps = write.deps
    while True:
        standing = deps.ledger.standing(write.names, None if write.is_new else write.key)
        customer_id = write.customer_id(standing.linked_customer_id)
        customer = _customer(deps, standing, customer_id)
        move = _decide(write, standing, write.latest(customer, standing.record), deps.clock.now())
        if move is Move.REPLAY:
            return _stored_answer(write, standing)
        operation = _next_run(write, standing.operation, move, customer_id)
        if move is not Move.WAIT and _lease_is_free(customer, operation, deps):
            ticket = _start(write, operation, standing, customer, move)
            if ticket is not None:
                return ticket
        waits.once()


def _decide[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], standing: Standing, latest: LatestOperation | None, now: float
) -> Move:
    operation = standing.operation
    if operation is None or operation.status is Status.FAILED:
        return Move.START
    if operation.fingerprint != operations.fingerprint(write.canonical):
        raise Conflict("IDEMPOTENCY_CONFLICT", "This idempotencyKey was used for a different request; use another key.")
    if operation.status is Status.STARTED and now < operation.started_at + operations.SAME_REQUEST_WAITS_SECONDS:
        return Move.WAIT
    if not operation.settled or (operation.awaits_payment and write.follows_payment):
        return Move.RESUME
    if write.stands_for_ever or operation.explicit_key or _is_recent(operation, latest, now):
        return Move.REPLAY
    return Move.ANEW


def _is_recent(operation: Operation, latest: LatestOperation | None, now: float) -> bool:
    """Whether an operation is the one that last settled its subject, less than a day ago."""
    return (
        latest is not None
        and (latest.operation_key, latest.intent) == (operation.operation_key, operation.intent)
        and now < latest.finished_at + operations.REPLAY_SECONDS
    )


def _next_run[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], before: Operation | None, move: Move, customer_id: str | None
) -> Operation:
    """Return the operation as this run would record it: same ids when resumed, new ones after a definite failure."""
    intent, attempt = (before.intent, before.attempt) if before else (1, 1)
    if before is not None and move is Move.START:
        attempt += 1
    if move is Move.ANEW:
        intent, attempt = intent + 1, 1
    return Operation(
        operation_key=write.key,
        intent=intent,
        attempt=attempt,
        kind=write.kind,
        status=Status.STARTED,
        token=new_token(),
        fingerprint=operations.fingerprint(write.canonical),
        explicit_key=write.request.idempotency_key is not None,
        org_id=write.org_id,
        request=write.request.wire(),
        correlation_id=write.deps.correlation_id,
        started_at=int(write.deps.clock.now()),
        customer_id=customer_id,
        record_id=write.names.record_id,
        stands_for_ever=write.stands_for_ever,
        answer=before.answer if before and move is Move.RESUME else None,
    )


def _start[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], operation: Operation, standing: Standing, customer: CustomerState | None, move: Move
) -> Ticket | None:
    """Take the lease; None if somebody else was faster."""
    try:
        ticket = write.deps.ledger.start(operation, standing, customer=customer)
    except ConditionFailedError:
        return None
    return replace(ticket, resumed=move is Move.RESUME, done_before=standing.operation if move is Move.ANEW else None)


def _lease_is_free(customer: CustomerState | None, operation: Operation, deps: Deps) -> bool:
    """Whether this run may take the customer's lease, settling a write that was left unfinished if there is one.

    Raises:
        InProgress: another write of this customer ended without a known outcome, and still may take effect.
    """
    lease = customer.lease if customer else None
    if lease is None or (lease.operation_key, lease.intent) == (operation.operation_key, operation.intent):
        return True
    other = deps.ledger.operation(lease.operation_key, lease.intent)
    now = deps.clock.now()
    if other is None or other.settled or (lease.running and now < other.started_at + operations.LONGEST_RUN_SECONDS):
        return False
    if not settle(other, deps):
        wait = ceil(other.started_at + operations.ABSENCE_PROVES_AFTER_SECONDS - now)
        raise in_progress("An earlier write of this customer has no known outcome yet", retry_after=max(1, wait))
    return False


def _customer(deps: Deps, standing: Standing, customer_id: str | None) -> CustomerState | None:
    if customer_id is None or standing.customer is not None:
        return standing.customer
    return deps.ledger.customer(customer_id)


def _stored_answer[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], standing: Standing) -> Result:
    stored = standing.operation.answer if standing.operation else None
    return write.result.model_validate({**(stored or {}), "replayed": True})
