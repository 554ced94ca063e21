"""Settling an operation that somebody else left without a known outcome, by looking for its effect in Stigg."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stigg_actions.errors import ActionError, Refused, StiggUnavailable
from stigg_actions.exactly_once.registry import load_write
from stigg_actions.storage.dynamodb import ConditionFailedError

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Ticket


def settle(operation: Operation, deps: Deps) -> bool:
    """Settle somebody else's operation by looking for its effect; never sends a write to Stigg.

    Returns:
        Whether it is settled now: found and recorded, or so long absent that it surely never happened.
    """
    try:
        write = load_write(operation, deps)
    except ValidationError:  # kept by a version whose requests this one does not read: it must keep nobody waiting
        return False
    ticket = deps.ledger.ticket_for(operation, write.names)
    with suppress(ConditionFailedError):  # somebody else has just settled it
        return _settle(write, ticket)
    return True


def settle_again(operation_key: str, deps: Deps) -> bool:
    """Settle anew what had to wait for a payment, once Stigg shows that it was paid; False if it does not.

    Nothing is done while somebody holds the customer's lease.
    """
    operation = deps.ledger.newest(operation_key)
    if operation is None or not operation.awaits_payment or operation.forgotten_at is not None:
        return False
    try:
        write = load_write(operation, deps)
    except ValidationError:  # kept by a version whose requests this one does not read
        return False
    ticket = deps.ledger.ticket_for(operation, write.names)
    if ticket.customer.lease is not None:
        return False
    with suppress(ActionError, ConditionFailedError):  # it cannot be told now, or somebody else was faster
        write.prepare()
        effect = write.look_up(ticket)
        if effect is not None:
            deps.ledger.finish(ticket, effect.answer.wire(), write.changes(ticket, effect))
            return True
    return False


def _settle(write: Write[Any, Any], ticket: Ticket) -> bool:
    ledger, operation = write.deps.ledger, ticket.operation
    try:
        write.prepare()
        effect = write.look_up(ticket)
    except Refused as refusal:
        ledger.fail(ticket, refusal)
        return True
    except ActionError:
        return False
    if effect is not None:
        ledger.finish(ticket, effect.answer.wire(), write.changes(ticket, effect))
    elif operation.awaits_payment and operation.answer:
        ledger.finish(ticket, operation.answer, None)  # its payment page stands
    elif write.may_resend and operation.absence_proves(write.deps.clock.now()):
        ledger.fail(ticket, StiggUnavailable("STIGG_UNAVAILABLE", "The request never took effect in Stigg."))
    else:
        return False
    return True
