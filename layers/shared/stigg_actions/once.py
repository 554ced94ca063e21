"""Doing a write exactly once: start it in the ledger, do it in Stigg, finish it in the ledger.

A process may die between any two of these steps. Whoever comes to the operation next - a repeat of the same request,
another write of the same customer, the reconciliation - looks for its effect under the ids that it was given before
anything else is done.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from stigg_actions.beginning import begin
from stigg_actions.dynamodb import ConditionFailedError
from stigg_actions.errors import (
    ActionError,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StiggUnavailable,
)
from stigg_actions.ledger import Ticket
from stigg_actions.waiting import Waits

if TYPE_CHECKING:
    from stigg_actions.models.base import Answer, KeyedRequest
    from stigg_actions.writes.base import Effect, Write


def perform[Request: KeyedRequest, Result: Answer](write: Write[Request, Result]) -> Result:
    """Carry out a write once and return its answer; a repeat gets the same answer, marked as replayed.

    Raises:
        ActionError: as Stigg's client does; Conflict for a key used twice; InProgress while others are at it.
    """
    waits = Waits(write.deps.deadline)
    while True:
        step = begin(write, waits)
        if not isinstance(step, Ticket):
            return step
        answer = _carry_out(write, step)
        if answer is not None:
            return answer
        waits.once()


def _carry_out[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], ticket: Ticket) -> Result | None:
    """Do it in Stigg and record what came of it; None if somebody else has taken the operation over meanwhile."""
    ledger = write.deps.ledger
    try:
        effect = _effect(write, ticket)
    except OutcomeUnknown as error:
        with suppress(StiggUnavailable, ConditionFailedError):  # unrecorded, it stands as STARTED: as good as unknown
            ledger.leave_unknown(ticket, error)
        raise
    except ActionError as error:
        with suppress(StiggUnavailable, ConditionFailedError):  # unrecorded, the next one finds that nothing happened
            ledger.fail(ticket, error)
        raise
    try:
        recorded = _record(write, ticket, effect)
    except StiggUnavailable as error:
        raise _unknown("Stigg has done it, but it could not be recorded", error) from None
    return effect.answer if recorded else None


def _record[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], ticket: Ticket, effect: Effect[Result]
) -> bool:
    """Finish in the ledger, on what stands by now; False if somebody else has taken the operation over."""
    ledger = write.deps.ledger
    current: Ticket | None = ticket
    while current is not None:
        try:
            ledger.finish(current, effect.answer.wire(), write.changes(current, effect))
        except ConditionFailedError:  # the operation was taken over, or the record passed to another customer
            current = ledger.renewed(current)
        else:
            return True
    return False


def _effect[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], ticket: Ticket) -> Effect[Result]:
    if ticket.resumed:
        return _resume(write, ticket)
    return (write.already_so(ticket, ticket.done_before) if ticket.done_before else None) or _send(write, ticket)


def _resume[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], ticket: Ticket) -> Effect[Result]:
    """Find the effect of the run before; if it is not there, send again under the same ids.

    What would be a definite failure of a first run says nothing here of the run before, which may still be under way.
    """
    try:
        found = write.look_up(ticket)
        if found is not None:
            return found
        if not write.may_resend:
            raise _unknown("An earlier run may have reached Stigg, and cannot be repeated safely")
        return _send(write, ticket)
    except (RateLimited, StiggUnavailable, Misconfigured) as error:
        raise _unknown("The outcome of an earlier run is still unknown", error) from None


def _send[Request: KeyedRequest, Result: Answer](write: Write[Request, Result], ticket: Ticket) -> Effect[Result]:
    """Send; when the answer is lost, look at once whether the effect is there."""
    try:
        return write.send(ticket)
    except OutcomeUnknown:
        with suppress(NotFound, Refused, RateLimited, StiggUnavailable, Misconfigured):
            found = write.look_up(ticket)
            if found is not None:
                return found
        raise


def _unknown(problem: str, cause: ActionError | None = None) -> OutcomeUnknown:
    because = f" ({cause.code})" if cause else ""
    return OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        f"{problem}{because}. Send the same request again to find out.",
        stigg=cause.stigg if cause else None,
    )
