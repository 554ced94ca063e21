"""Doing a write exactly once: start it in the ledger, do it in Stigg, finish it in the ledger.

A process may die between any two of these steps. Whoever comes to the operation next - a repeat of the same request,
another write of the same customer, the reconciliation - looks for its effect under the ids that it was given before
anything else is done.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from stigg_actions.clock import Backoff
from stigg_actions.errors import (
    ActionError,
    Conflict,
    InProgress,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    RequestInvalid,
    StiggUnavailable,
)
from stigg_actions.exactly_once.start import begin
from stigg_actions.exactly_once.write import Effect
from stigg_actions.storage.dynamodb import LONGEST_CALL_SECONDS, ConditionFailedError
from stigg_actions.storage.operation import certain_from
from stigg_actions.storage.snapshot import Run

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.models.base import Answer, KeyedRequest


_REFUSALS = (Conflict, NotFound, Refused, RequestInvalid)
"""Failures that tell for certain that this run did nothing."""


def perform[Request: KeyedRequest, Result: Answer](write: Write[Request, Result]) -> Result:
    """Carry out a write once and return its answer; a repeat gets the same answer, marked as replayed.

    Raises:
        ActionError: as Stigg's client does; Conflict for a key used twice; InProgress while others are at it.
    """
    waits = Backoff(write.deps.deadline)
    while True:
        step = begin(write, waits)
        if not isinstance(step, Run):
            return step
        effect = _resume(write, step) if step.resumed else _run(write, step)
        if _record(write, step, effect):
            return effect.answer
        waits.once()


def _run[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], run: Run) -> Effect[Result]:
    """Do it in Stigg, unless what was done before still stands."""
    try:
        snapshot = write.find_existing_effect(run, run.done_before) if run.done_before else None
        return snapshot or write.finish_up(run, _send(write, run))
    except OutcomeUnknown as error:
        _leave_unknown(write, run, error, since=run.operation.started_at)
        raise
    except ActionError as error:
        _fail(write, run, error)
        raise


def _resume[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], run: Run) -> Effect[Result]:
    """Find the effect of the runs before; if it is not there, send again under the same ids.

    A failure of this run says nothing of the runs before as long as those may still take effect.
    """
    operation = run.operation
    try:
        return write.finish_up(run, write.find_effect(run) or _send_again(write, run))
    except OutcomeUnknown as error:
        _leave_unknown(write, run, error, since=operation.started_at)
        raise
    except (RateLimited, StiggUnavailable, Misconfigured, *_REFUSALS) as error:
        if isinstance(error, _REFUSALS) and operation.earlier_runs_are_over(write.deps.clock.now()):
            _fail(write, run, error)
            raise
        unknown = _unknown("The outcome of an earlier run is not known yet", error)
        unknown.refused_since = isinstance(error, _REFUSALS)
        _leave_unknown(write, run, unknown, since=operation.uncertain_since or operation.started_at)
        raise unknown from None


def _send_again[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], run: Run) -> Effect[Result]:
    if run.operation.awaits_payment:
        return Effect(write.replayed_answer(run.operation))
    return _send(write, run)


def _send[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], run: Run) -> Effect[Result]:
    """Send; when the answer is lost, look at once whether the effect is there."""
    try:
        return write.send(run)
    except OutcomeUnknown:
        with suppress(NotFound, Refused, RateLimited, StiggUnavailable, Misconfigured):
            found = write.find_effect(run)
            if found is not None:
                return found
        raise


def _record[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], run: Run, effect: Effect[Result]
) -> bool:
    """Finish in the ledger, on what stands by now; False if another run has taken the operation over.

    Raises:
        OutcomeUnknown: Stigg has done it, and it could not be recorded in the time that is left.
    """
    ledger = write.deps.ledger
    waits = Backoff(write.deps.deadline, reserved=LONGEST_CALL_SECONDS)
    current: Run | None = run
    try:
        while current is not None:
            try:
                ledger.finish(current, effect.answer.wire(), write.changes(current, effect))
            except ConditionFailedError:  # the operation was taken over, or the record passed to another customer
                waits.once()
                current = ledger.renewed(current, write.target)
            else:
                return True
    except (InProgress, StiggUnavailable, Misconfigured) as error:
        if write.safe_to_resend:
            raise _unknown("Stigg has done it, but it could not be recorded", error) from None
    return not write.safe_to_resend  # no other run can find it: the effect is known, recorded or not


def _unknown(problem: str, cause: ActionError) -> OutcomeUnknown:
    """Return what its caller is told: that nobody knows, why not, what to mend, and when to ask again."""
    because = f". {cause.message.rstrip('.')}" if isinstance(cause, Misconfigured) else f" ({cause.code})"
    return OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        f"{problem}{because}. Send the same request again to find out.",
        stigg=cause.stigg,
        retry_after_seconds=cause.retry_after_seconds,
    )


def _fail[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], run: Run, error: ActionError) -> None:
    """Record a definite failure; if that cannot be, whoever comes next finds out that nothing happened."""
    with suppress(StiggUnavailable, Misconfigured, ConditionFailedError):
        write.deps.ledger.fail(run, error)


def _leave_unknown[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], run: Run, error: ActionError, *, since: int
) -> None:
    """Record that the outcome is unknown, and tell the caller when it will be known, where only time tells that.

    If it cannot be recorded, it stands as started, which is as good as unknown.
    """
    if isinstance(error, OutcomeUnknown) and error.refused_since:
        error.retry_after_seconds = max(1, certain_from(since) - int(write.deps.clock.now()))
    with suppress(StiggUnavailable, Misconfigured, ConditionFailedError):
        write.deps.ledger.leave_unknown(run, error, since=since)
