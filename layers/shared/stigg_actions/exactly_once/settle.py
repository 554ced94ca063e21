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
    from stigg_actions.storage.snapshot import Run


def settle(operation: Operation, deps: Deps) -> bool:
    """Settle somebody else's operation by looking for its effect; never sends a write to Stigg.

    Returns:
        Whether it is settled now: found and recorded, or so long absent that it surely never happened.
    """
    try:
        write = load_write(operation, deps)
    except ValidationError:  # kept by a version whose requests this one does not read: it must keep nobody waiting
        return False
    run = deps.ledger.ticket_for(operation, write.target)
    with suppress(ConditionFailedError):  # somebody else has just settled it
        return _settle(write, run)
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
    run = deps.ledger.ticket_for(operation, write.target)
    if run.customer.lease is not None:
        return False
    with suppress(ActionError, ConditionFailedError):  # it cannot be told now, or somebody else was faster
        write.prepare()
        effect = write.find_effect(run)
        if effect is not None:
            deps.ledger.finish(run, effect.answer.to_json_fields(), write.mapping_changes(run, effect))
            return True
    return False


def _settle(write: Write[Any, Any], run: Run) -> bool:
    ledger, operation = write.deps.ledger, run.operation
    try:
        write.prepare()
        effect = write.find_effect(run)
    except Refused as refusal:
        ledger.fail(run, refusal)
        return True
    except ActionError:
        return False
    if effect is not None:
        ledger.finish(run, effect.answer.to_json_fields(), write.mapping_changes(run, effect))
    elif operation.awaits_payment and operation.answer:
        ledger.finish(run, operation.answer, None)  # its payment page stands
    elif write.safe_to_resend and operation.absence_proves(write.deps.clock.now()):
        ledger.fail(run, StiggUnavailable("STIGG_UNAVAILABLE", "The request never took effect in Stigg."))
    else:
        return False
    return True
