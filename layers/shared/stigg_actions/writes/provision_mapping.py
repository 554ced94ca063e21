"""What a provisioned subscription changes in the mappings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stigg_actions.ledger import latest
from stigg_actions.mappings import (
    Changes,
    HistoryEntry,
    LatestOperation,
    LiveSubscription,
    MappedSubscription,
    RecordState,
    ResourceState,
    SubscriptionState,
)
from stigg_actions.operations import Operation, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.ledger import Ticket
    from stigg_actions.models.subscriptions import SubscriptionResult
    from stigg_actions.writes.base import Effect


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a subscription belongs to in Salesforce, and whether its write changes the customer too."""

    org_id: str
    record_id: str | None
    account_id: str | None
    changes_customer: bool = False


def subscription_id(operation: Operation) -> str:
    """Return the id that this attempt gives its subscription."""
    return f"sub-{operation.effect_id}"


def changes(
    ticket: Ticket, effect: Effect[SubscriptionResult], owner: Owner, *, terms: Mapping[str, Any], deps: Deps
) -> Changes:
    """Return the record's new mapping, the resource's live subscriptions, and the closed mapping of what was replaced.

    A subscription that has ended by the time it is looked up changes no mapping.
    """
    answer = effect.answer
    done = latest(ticket.operation, deps.clock.now())
    customer = replace(ticket.customer, latest=done) if owner.changes_customer else ticket.customer
    if answer.status in {"CANCELED", "EXPIRED"}:
        return Changes(customer)
    live = None if answer.status == "PAYMENT_REQUIRED" else _live(answer, owner)
    closed = _closed_records(effect.ended, owner, deps)
    return Changes(
        customer=customer,
        resource=_resource(ticket, live, effect.ended, done),
        records=(*_record(ticket, answer, owner, done), *(record for record, _ in closed)),
        history=tuple(_history(ticket, answer, owner, closed, iso(deps.clock.now()))),
        subscriptions=(_state(answer, live, terms, done),) if live else (),
        account=_account(ticket, owner),
    )


def _live(answer: SubscriptionResult, owner: Owner) -> LiveSubscription:
    org_id = owner.org_id if owner.record_id else None
    return LiveSubscription(answer.subscription_id, answer.plan_id, answer.resource_id, org_id, owner.record_id)


def _state(
    answer: SubscriptionResult, live: LiveSubscription, terms: Mapping[str, Any], done: LatestOperation
) -> SubscriptionState:
    return SubscriptionState(
        live.subscription_id,
        answer.customer_id,
        live.plan_id,
        live.resource_id,
        live.org_id,
        live.record_id,
        terms=terms,
        latest=done,
    )


def _resource(
    ticket: Ticket, live: LiveSubscription | None, ended: tuple[LiveSubscription, ...], done: LatestOperation
) -> ResourceState:
    before = ticket.standing.resource or ResourceState(ticket.customer.customer_id)
    gone = {one.subscription_id for one in ended}
    kept = {name: one for name, one in before.live.items() if name not in gone}
    return replace(before, live={**kept, **({live.subscription_id: live} if live else {})}, latest=done)


def _record(ticket: Ticket, answer: SubscriptionResult, owner: Owner, done: LatestOperation) -> list[RecordState]:
    if owner.record_id is None:
        return []
    before = ticket.standing.record or RecordState(owner.org_id, owner.record_id, answer.customer_id)
    mapped = MappedSubscription(
        answer.subscription_id,
        answer.plan_id,
        answer.status,
        ticket.operation.operation_key,
        answer.resource_id,
        answer.checkout_url,
    )
    if answer.outcome == "paymentRequired":
        return [replace(before, pending=mapped, latest=done)]
    return [replace(before, customer_id=answer.customer_id, current=mapped, pending=None, latest=done)]


def _closed_records(
    ended: tuple[LiveSubscription, ...], owner: Owner, deps: Deps
) -> list[tuple[RecordState, LiveSubscription]]:
    """Return the records of other lines whose subscription has ended by this one, without it, and that one."""
    closed = []
    for one in ended:
        record = _record_of(one, owner, deps)
        if record and record.current and record.current.subscription_id == one.subscription_id:
            closed.append((replace(record, current=None, latest=None), one))
    return closed


def _record_of(live: LiveSubscription, owner: Owner, deps: Deps) -> RecordState | None:
    """Read the record of a subscription that has ended, unless it is the owner's own."""
    if live.org_id is None or live.record_id is None:
        return None
    if (live.org_id, live.record_id) == (owner.org_id, owner.record_id):
        return None
    return deps.ledger.record(live.org_id, live.record_id)


def _history(
    ticket: Ticket,
    answer: SubscriptionResult,
    owner: Owner,
    closed: list[tuple[RecordState, LiveSubscription]],
    at: str,
) -> list[HistoryEntry]:
    key, new = ticket.operation.operation_key, answer.subscription_id
    entries = [
        HistoryEntry(
            record.org_id, record.record_id, at, "closed", one.subscription_id, key, replaced_by_subscription_id=new
        )
        for record, one in closed
    ]
    if owner.record_id is not None and answer.outcome != "unchanged":
        replaced = answer.replaced_subscription_id
        entries.append(HistoryEntry(owner.org_id, owner.record_id, at, answer.outcome, new, key, replaced))
    return entries


def _account(ticket: Ticket, owner: Owner) -> tuple[str, str] | None:
    """Return the account to be linked to the customer, if no customer is linked to it yet."""
    unlinked = owner.account_id and ticket.standing.linked_customer_id is None
    return (owner.org_id, str(owner.account_id)) if unlinked else None
