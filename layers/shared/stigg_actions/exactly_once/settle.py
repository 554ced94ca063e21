"""Settle an operation that another call left with an unknown outcome, by looking for its effect in Stigg.

A write settles those of its customer that stand in its way, or in the way of an answer that is stored.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stigg_actions.clock import in_progress
from stigg_actions.errors import ActionError, Refused
from stigg_actions.exactly_once.registry import load_write
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.operation import LONGEST_RUN_SECONDS, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.storage.mapping import Lease
    from stigg_actions.storage.snapshot import Run, Snapshot, Target

_LIKE = {"archive": "customer", "enroll": "customer", "close": "contract", "revoke": "entitle"}
"""Kinds without a record that change what another kind makes: the customer, the contract, the entitlement."""


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


def is_free(write: Write[Any, Any], snapshot: Snapshot, operation: Operation) -> bool:
    """Whether a run may take its customers' leases and the record, after settling what was left unfinished there.

    Raises:
        InProgress: another write has an unknown outcome, and may still take effect.
    """
    claims = (record.claim for record in write.claims(snapshot))
    held = (*_leases(snapshot), *filter(None, claims))
    return all(_is_over(lease, operation, write.deps) for lease in held)


def may_have_changed(write: Write[Any, Any], snapshot: Snapshot) -> bool:
    """Whether another write about the same thing may have made the stored answer of a repeat untrue.

    If one is unsettled, it is settled or waited for, and the tables have to be read again. What a caller's own key
    stands for, and what never expires, is answered whatever followed.

    Raises:
        InProgress: the other write has an unknown outcome, and may still take effect.
    """
    operation = snapshot.operation
    if operation is None or operation.explicit_key or write.never_expires:
        return False
    return not all(_is_over(lease, operation, write.deps, about=snapshot.target) for lease in _leases(snapshot))


def settle_first(other: Operation, deps: Deps, *, running: bool) -> None:
    """Settle an earlier write that this one has to wait for, unless its run may not be over yet.

    Raises:
        InProgress: the earlier write has an unknown outcome, and may still take effect.
    """
    now = deps.clock.now()
    if running and now < other.started_at + LONGEST_RUN_SECONDS:
        return
    if not settle(other, deps):
        problem = "The outcome of an earlier write of this customer is not known yet"
        raise in_progress(problem, retry_after=max(1, other.certain_from - int(now)))


def _leases(snapshot: Snapshot) -> list[Lease]:
    return [customer.lease for customer in snapshot.leased if customer.lease is not None]


def _is_about_the_same(other: Operation, operation: Operation, target: Target) -> bool:
    """Whether another write shares a record or subscription with a repeat, or without one, is of such a kind.

    A write may name more records than the one that its operation is stored with, such as that of a renewal.
    """
    answered = (operation.answer or {}).get("subscriptionId")
    touched = {*_subjects(other, other.kind), *_named(other.request)}
    shared = touched & (_subjects(target, operation.kind) | {answered})
    return bool(shared) and not other.stands_for_ever  # as a grant does, which changes nothing that was there before


def _subjects(of: Target | Operation, kind: str) -> set[object]:
    ids: set[object] = {subject for subject in (of.record_id, of.subscription_id) if subject is not None}
    return ids or {(_LIKE.get(kind, kind), of.resource_id)}


def _named(request: Mapping[str, Any]) -> Iterator[object]:
    """Yield the records and subscriptions that a request names, in its lists too."""
    for name, value in request.items():
        if name == "subscriptionId" or name.lower().endswith("recordid"):
            yield value
        for part in value if isinstance(value, list) else ():
            yield from _named(part) if isinstance(part, dict) else ()


def _is_of(lease: Lease, operation: Operation) -> bool:
    return (lease.operation_key, lease.intent) == (operation.operation_key, operation.intent)


def _is_over(lease: Lease, operation: Operation, deps: Deps, *, about: Target | None = None) -> bool:
    """Whether a lease is this operation's own, or its operation is settled; if it is not, try to settle it.

    With ``about``, an operation about something else does not count.
    """
    if _is_of(lease, operation):
        return True
    other = deps.ledger.operation(lease.operation_key, lease.intent)
    if other is None or other.settled:
        return True  # if the lease was freed since the read, the customer's version has changed
    if about is not None and not _is_about_the_same(other, operation, about):
        return True
    settle_first(other, deps, running=lease.running)
    return False
