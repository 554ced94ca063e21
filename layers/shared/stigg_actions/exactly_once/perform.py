"""Perform a write exactly once: start it in the ledger, send it to Stigg, finish it in the ledger.

A process may die between any two of these steps. The next call that meets the operation - a repeat of the same
request, another write of the same customer, the reconciliation - first looks for its effect in Stigg by its ids.
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
    from stigg_actions.storage.operation import Operation


_REFUSALS = (Conflict, NotFound, Refused, RequestInvalid)
"""Errors that prove that this run had no effect."""


def perform[Request: KeyedRequest, Result: Answer](write: Write[Request, Result]) -> Result:
    """Carry out a write exactly once and return its answer; a repeat gets the same answer, marked as replayed.

    Raises:
        ActionError: as Stigg's client; Conflict for a key used twice; InProgress while another call runs it.
    """
    return _Performance(write).answer()


class _Performance[Request: KeyedRequest, Result: Answer]:
    """The work of one call on a write: start it, carry it out, record it."""

    def __init__(self, write: Write[Request, Result]) -> None:
        self._write = write
        self._ledger = write.deps.ledger
        self._backoff = Backoff(write.deps.deadline)

    def answer(self) -> Result:
        """Return the answer. If another call has taken the operation over, start again: its answer may be stored."""
        while True:
            step = begin(self._write, self._backoff)
            if not isinstance(step, Run):
                return step
            effect = self._resume(step) if step.resumed else self._carry_out(step)
            if self._record(step, effect):
                return effect.answer
            self._backoff.once()

    def _carry_out(self, run: Run) -> Effect[Result]:
        """Send the write to Stigg, unless the effect of an earlier intent is still in place."""
        try:
            existing = self._write.find_existing_effect(run, run.done_before) if run.done_before else None
            return existing or self._write.finish_up(run, self._send(run))
        except OutcomeUnknown as error:
            self._leave_unknown(run, error, since=run.operation.started_at)
            raise
        except ActionError as error:
            self._fail(run, error)
            raise

    def _resume(self, run: Run) -> Effect[Result]:
        """Find the effect of the earlier runs; if there is none, send the write again under the same ids.

        A failure of this run proves nothing about earlier runs as long as those may still take effect.
        """
        operation = run.operation
        try:
            return self._write.finish_up(run, self._write.find_effect(run) or self._send_again(run))
        except OutcomeUnknown as error:
            self._leave_unknown(run, error, since=operation.started_at)
            raise
        except (RateLimited, StiggUnavailable, Misconfigured, *_REFUSALS) as error:
            if isinstance(error, _REFUSALS) and self._earlier_runs_had_none(operation):
                self._fail(run, error)
                raise
            unknown = _unknown("The outcome of an earlier try is not known yet", error)
            unknown.refused_since = isinstance(error, _REFUSALS)
            self._leave_unknown(run, unknown, since=operation.uncertain_since or operation.started_at)
            raise unknown from None

    def _earlier_runs_had_none(self, operation: Operation) -> bool:
        """Whether the earlier runs certainly had no effect, given that none was found."""
        is_proof = self._write.on_absence() is not None
        return is_proof and operation.earlier_runs_are_over(self._write.deps.clock.now())

    def _send_again(self, run: Run) -> Effect[Result]:
        if run.operation.awaits_payment:
            return Effect(self._write.replayed_answer(run.operation))
        return self._send(run)

    def _send(self, run: Run) -> Effect[Result]:
        """Send the write. If the answer is lost, look for the effect immediately."""
        try:
            return self._write.send(run)
        except OutcomeUnknown:
            with suppress(NotFound, Refused, RateLimited, StiggUnavailable, Misconfigured):
                effect = self._write.find_effect(run)
                if effect is not None:
                    return effect
            raise

    def _record(self, run: Run, effect: Effect[Result]) -> bool:
        """Finish the operation on its current snapshot; return False if another run has taken the operation over.

        Raises:
            OutcomeUnknown: Stigg made the change, but it could not be recorded in the time that is left.
        """
        backoff = Backoff(self._write.deps.deadline, reserved=LONGEST_CALL_SECONDS)
        current: Run | None = run
        try:
            while current is not None:
                try:
                    changes = self._write.mapping_changes(current, effect)
                    self._ledger.finish(current, effect.answer.to_json_fields(), changes)
                except ConditionFailedError:  # the operation was taken over, or the record passed to another customer
                    backoff.once()
                    current = self._ledger.renewed(current, self._write.target)
                else:
                    return True
        except (InProgress, StiggUnavailable, Misconfigured) as error:
            if self._write.safe_to_resend:
                raise _unknown("Stigg made the change, but it could not be recorded", error) from None
        return not self._write.safe_to_resend  # no other run can find it: the effect is known, recorded or not

    def _fail(self, run: Run, error: ActionError) -> None:
        """Record a definite failure. If that fails too, the next run finds that there was no effect."""
        with suppress(StiggUnavailable, Misconfigured, ConditionFailedError):
            self._ledger.fail(run, error)

    def _leave_unknown(self, run: Run, error: ActionError, *, since: int) -> None:
        """Record that the outcome is unknown, and set when to retry if only time can settle it.

        If it cannot be recorded, the operation stays started, which is handled like unknown.
        """
        if isinstance(error, OutcomeUnknown) and error.refused_since:
            error.retry_after_seconds = max(1, certain_from(since) - int(self._write.deps.clock.now()))
        with suppress(StiggUnavailable, Misconfigured, ConditionFailedError):
            self._ledger.leave_unknown(run, error, since=since)


def _unknown(problem: str, cause: ActionError) -> OutcomeUnknown:
    """Return the error for an unknown outcome, with the cause, the remedy and when to retry."""
    because = f". {cause.message.rstrip('.')}" if isinstance(cause, Misconfigured) else f" ({cause.code})"
    return OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        f"{problem}{because}. Send the same request again to find out.",
        stigg=cause.stigg,
        retry_after_seconds=cause.retry_after_seconds,
    )
