"""Settle an operation that another call left with an unknown outcome, by looking for its effect in Stigg."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stigg_actions.errors import ActionError, Refused
from stigg_actions.exactly_once.registry import load_write
from stigg_actions.storage.dynamodb import ConditionFailedError

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run


def settle(operation: Operation, deps: Deps) -> bool:
    """Settle the operation of another call by looking for its effect. Never send a write to Stigg.

    Returns:
        Whether it is settled now: its effect was found, or has been absent so long that it will never come.
    """
    try:
        write = load_write(operation, deps)
    except ValidationError:  # stored by a version whose requests this version cannot read
        return False
    run = deps.ledger.run_for(operation, write.target)
    with suppress(ConditionFailedError):  # another call has just settled it
        return _settle(write, run)
    return True


def settle_again(operation_key: str, deps: Deps) -> bool:
    """Settle an operation that waited for a payment, once Stigg shows that it was paid; False if it does not.

    Do not settle it while another write holds the customer's lease.
    """
    operation = deps.ledger.newest(operation_key)
    if operation is None or not operation.awaits_payment or operation.forgotten_at is not None:
        return False
    try:
        write = load_write(operation, deps)
    except ValidationError:  # stored by a version whose requests this version cannot read
        return False
    run = deps.ledger.run_for(operation, write.target)
    if run.customer.lease is not None:
        return False
    with suppress(ActionError, ConditionFailedError):  # it is not known now, or another call was faster
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
        ledger.finish(run, operation.answer, None)  # its payment page can still be paid
    elif (absent := write.on_absence()) and operation.absence_proves(write.deps.clock.now()):
        ledger.fail(run, absent)
    else:
        return False
    return True
