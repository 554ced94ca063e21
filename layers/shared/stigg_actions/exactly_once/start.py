"""Start a write: read its operation, customer and record, and decide what to do about the request."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.settle import is_free, may_have_changed, settle_again, settle_first
from stigg_actions.exactly_once.write import NextStep
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.ledger import new_token
from stigg_actions.storage.operation import (
    REPLAY_SECONDS,
    SAME_REQUEST_WAITS_SECONDS,
    Operation,
    Status,
    fingerprint,
)
from stigg_actions.storage.snapshot import Run, Snapshot, target_of

if TYPE_CHECKING:
    from stigg_actions.clock import Backoff
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.models.base import Answer, KeyedRequest
    from stigg_actions.storage.mapping import LatestOperation


def begin[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], backoff: Backoff) -> Run | Result:
    """Return the right to carry the write out, or the answer that is stored already.

    Raises:
        RequestInvalid: ``asOf`` lies in the future.
        Conflict: the key was used for another request, or a record or account belongs to another customer.
    """
    freshness.check(write.request, now=write.deps.clock.now())
    while True:
        snapshot = _snapshot(write)
        _note(write, snapshot)
        step = _decide(write, snapshot)
        if isinstance(step, NextStep):
            run = _run(write, snapshot, step)
            if run is not None:
                return run
        elif not may_have_changed(write, snapshot):
            return step
        backoff.once()


def _run[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], snapshot: Snapshot, step: NextStep
) -> Run | None:
    """Start a run, or settle the write that stands in its way; return None if it has to be decided again."""
    operation = _next_run(write, snapshot, step)
    if step is NextStep.SETTLE and snapshot.operation:
        settle_first(snapshot.operation, write.deps, running=snapshot.operation.status is Status.STARTED)
    elif step is not NextStep.WAIT and is_free(write, snapshot, operation):
        return _start(write, operation, snapshot, step)
    return None


def _note[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], snapshot: Snapshot) -> None:
    """Add the ids of the operation to the log line of the call."""
    target = snapshot.target
    write.deps.subjects.note(
        operationKey=write.key,
        customerId=target.customer_id,
        salesforceRecordId=target.record_id,
        subscriptionId=target.subscription_id,
    )


def current_snapshot[Request: KeyedRequest, Result: Answer](write: Write[Request, Result]) -> Snapshot:
    """Read the snapshot for a dry run of a write."""
    return _completed(write, write.deps.ledger.snapshot(write.target, None))


def foreseen[Request: KeyedRequest, Result: Answer](write: Write[Request, Result]) -> Run | Result:
    """Decide about a request as ``begin`` does, but start, settle and await nothing, for a dry run.

    Returns the answer that is stored already, or a run that is not recorded. Raises as ``begin``.
    """
    freshness.check(write.request, now=write.deps.clock.now())
    ledger = write.deps.ledger
    snapshot = _completed(write, ledger.snapshot(write.target, write.key, former_key=write.former_key))
    step = _decide(write, snapshot)
    if not isinstance(step, NextStep):
        return step
    operation = _next_run(write, snapshot, step)
    resumed = step in {NextStep.RESUME, NextStep.WAIT}
    return Run(operation, snapshot, resumed, _done_before(write, snapshot, operation, step))


def _snapshot[Request: KeyedRequest, Result: Answer](write: Write[Request, Result]) -> Snapshot:
    """Read the snapshot, after settling payment pages of the record that have been paid.

    A repeat of the request that waits for payment settles its own page.
    """
    ledger, key = write.deps.ledger, None if write.is_unkeyed else write.key
    snapshot = ledger.snapshot(write.target, key, former_key=write.former_key)
    pages = snapshot.record.awaited if write.target.leases and snapshot.record else ()
    paid = [settle_again(page.operation_key, write.deps) for page in pages if page.operation_key != key]
    return _completed(write, ledger.snapshot(write.target, key) if any(paid) else snapshot)


def _completed[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], snapshot: Snapshot) -> Snapshot:
    """Read the items that the first read has led to. An unsettled operation keeps the customer of its start."""
    ledger, before = write.deps.ledger, snapshot.operation
    unsettled = before is not None and not before.settled
    target = target_of(before, write.target) if before and unsettled else write.resolve_target(snapshot)
    if target == write.target or target.customer_id is None:
        return snapshot
    snapshot = ledger.reread(snapshot, target)
    while not unsettled and not write.target_unchanged(snapshot):  # the record changed between the reads
        snapshot = ledger.reread(snapshot, write.resolve_target(snapshot))
    return snapshot


def _decide[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], snapshot: Snapshot
) -> NextStep | Result:
    """Return the next step or the answer. A new run must not be outdated, nor take another customer's record."""
    step = _by_the_ledger(write, snapshot)
    if step is not NextStep.START and step is not NextStep.NEW_INTENT:
        return step
    newer = freshness.newer(write.request, write.latest(snapshot))
    if newer is not None:
        return write.superseded(snapshot, newer)
    write.check_owner(snapshot)
    return step


def _by_the_ledger[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], snapshot: Snapshot
) -> NextStep | Result:
    operation, now = snapshot.operation, write.deps.clock.now()
    if operation is None or operation.status is Status.FAILED:
        return NextStep.START
    if not write.is_asked_by(operation, snapshot):
        if write.gives_way(operation):
            return NextStep.NEW_INTENT
        if operation.settled or operation.explicit_key or write.on_absence() is None:
            raise write.conflict(operation, snapshot)
        return NextStep.SETTLE
    if operation.status is Status.STARTED and now < operation.started_at + SAME_REQUEST_WAITS_SECONDS:
        return NextStep.WAIT
    if not operation.settled:
        return write.on_unsettled(operation)
    recent = _is_recent(operation, write.latest(snapshot), now)
    stands = (operation.explicit_key or recent) and not operation.is_voided
    is_repeat = write.never_expires or stands or operation.awaits_payment
    return write.on_repeat(Run(operation, snapshot)) if is_repeat else NextStep.NEW_INTENT


def _is_recent(operation: Operation, latest: LatestOperation | None, now: float) -> bool:
    """Whether an operation is the one that last settled its subject, less than a day ago."""
    return (
        latest is not None
        and (latest.operation_key, latest.intent) == (operation.operation_key, operation.intent)
        and now < latest.finished_at + REPLAY_SECONDS
    )


def _next_run(write: Write[Any, Any], snapshot: Snapshot, step: NextStep) -> Operation:
    """Return the operation as this run would record it. Within an intent, the id of the first call is kept."""
    before, now = snapshot.operation, write.deps.clock.now()
    if before is None or step is NextStep.NEW_INTENT:
        return _begun(write, snapshot, step, now)
    resumes = step in {NextStep.RESUME, NextStep.WAIT, NextStep.SETTLE}
    begun = _resumed(before, write, int(now)) if resumes else _begun(write, snapshot, step, now)
    later = before.called_again(write.deps.correlation_id)
    return replace(begun, correlation_id=before.correlation_id, latest_correlation_id=later)


def _begun(write: Write[Any, Any], snapshot: Snapshot, step: NextStep, now: float) -> Operation:
    """Return the first run of an intent or of an attempt."""
    intent, attempt = _numbers(snapshot.operation, step)
    return Operation(
        operation_key=write.key,
        intent=intent,
        attempt=attempt,
        kind=write.kind,
        status=Status.STARTED,
        token=new_token(),
        fingerprint=fingerprint(write.canonical),
        explicit_key=write.request.idempotency_key is not None,
        org_id=write.org_id,
        request=write.stored_request,
        correlation_id=write.deps.correlation_id,
        started_at=int(now),
        attempted_at=int(now),
        customer_id=snapshot.target.customer_id,
        record_id=snapshot.target.record_id,
        subscription_id=snapshot.target.subscription_id,
        resource_id=snapshot.target.resource_id,
        of_resource=snapshot.target.of_resource,
        to_customer_id=snapshot.target.to_customer_id,
        stands_for_ever=write.never_expires,
        as_of=freshness.as_of(write.request, now=now),
        wish=write.wish,
    )


def _numbers(before: Operation | None, step: NextStep) -> tuple[int, int]:
    """Return intent and attempt of a new run."""
    if before is None:
        return 1, 1
    return (before.intent + 1, 1) if step is NextStep.NEW_INTENT else (before.intent, before.attempt + 1)


def _resumed(before: Operation, write: Write[Any, Any], now: int) -> Operation:
    last_lost = before.started_at if before.status is Status.STARTED else before.uncertain_since
    begun = replace(before, status=Status.STARTED, token=new_token(), started_at=now, uncertain_since=last_lost)
    # A request that was forgotten is stored again when its caller repeats it, because settling it needs the request.
    return begun if begun.forgotten_at is None else replace(begun, request=write.stored_request, forgotten_at=None)


def _start[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], operation: Operation, snapshot: Snapshot, step: NextStep
) -> Run | None:
    """Take the lease and claim the record; return None if another write was faster."""
    write.prepare()
    if step is not NextStep.RESUME:
        operation = replace(operation, noted=write.to_note(snapshot))
    try:
        run = write.deps.ledger.start(operation, snapshot, write.claims(snapshot))
    except ConditionFailedError:
        return None
    return replace(run, resumed=step is NextStep.RESUME, done_before=_done_before(write, snapshot, operation, step))


def _done_before(write: Write[Any, Any], snapshot: Snapshot, operation: Operation, step: NextStep) -> Operation | None:
    """Return the operation of the intent before; after a failure, that is the one before the intent that failed."""
    if step is NextStep.NEW_INTENT:
        return snapshot.operation
    return (
        write.deps.ledger.operation(operation.operation_key, operation.intent - 1) if step is NextStep.START else None
    )
