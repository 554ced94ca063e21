"""What a provisioned subscription changes in the mappings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.ledger import latest
from stigg_actions.mappings import (
    Changes,
    CustomerState,
    HistoryEntry,
    LatestOperation,
    LiveSubscription,
    MappedSubscription,
    RecordState,
)
from stigg_actions.operations import Operation, iso

if TYPE_CHECKING:
    from stigg_actions.ledger import Ticket
    from stigg_actions.models.subscriptions import CreateSubscription, SubscriptionResult
    from stigg_actions.writes.base import Effect
    from stigg_actions.writes.provision import ProvisionWrite

_NOT_READ_BACK = ("entitlements", "charges", "billingPeriod")


def subscription_id(operation: Operation) -> str:
    """Return the id that this attempt gives its subscription."""
    return f"sub-{operation.effect_id}"


def resource_subject(resource_id: str | None) -> str:
    """Return what a subscription without a record is the latest of: a resource, or the customer as a whole."""
    return f"resource#{resource_id or ''}"


def changes(write: ProvisionWrite, ticket: Ticket, effect: Effect[SubscriptionResult]) -> Changes | None:
    """Return the record's new mapping, the customer's live subscriptions, and the closed mapping of what was replaced.

    A subscription that has ended by the time it is looked up changes no mapping.
    """
    if ticket.customer is None:
        return None
    done = latest(ticket.operation, write.deps.clock.now())
    answer = effect.answer
    live = None if answer.status in {"CANCELED", "EXPIRED", "PAYMENT_REQUIRED"} else _live(write, answer)
    customer = _customer(ticket.customer, write.request, done, live, effect.ended)
    if live is None and answer.outcome != "paymentRequired":
        return Changes(customer)
    closed = _closed_records(write, effect.ended)
    return Changes(
        customer=customer,
        records=(*_record(write, ticket, answer, done), *closed),
        history=tuple(_history(write, ticket, effect, closed)),
        subscriptions=(live,) if live else (),
        account=_account(write, ticket),
    )


def _live(write: ProvisionWrite, answer: SubscriptionResult) -> LiveSubscription:
    record_id = write.request.salesforce_record_id
    return LiveSubscription(
        answer.subscription_id, answer.plan_id, answer.resource_id, write.org_id if record_id else None, record_id
    )


def _customer(
    before: CustomerState,
    request: CreateSubscription,
    done: LatestOperation,
    live: LiveSubscription | None,
    ended: tuple[LiveSubscription, ...],
) -> CustomerState:
    gone = {one.subscription_id for one in ended}
    kept = {name: one for name, one in before.live.items() if name not in gone}
    marks = {} if request.salesforce_record_id else {resource_subject(request.resource_id): done}
    return replace(
        before, live={**kept, **({live.subscription_id: live} if live else {})}, latest={**before.latest, **marks}
    )


def _record(
    write: ProvisionWrite, ticket: Ticket, answer: SubscriptionResult, done: LatestOperation
) -> list[RecordState]:
    record_id = write.request.salesforce_record_id
    if record_id is None:
        return []
    before = ticket.record or RecordState(write.org_id, record_id, answer.customer_id)
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
    return [
        replace(
            before,
            customer_id=answer.customer_id,
            current=mapped,
            pending=None,
            sent=_sent(write.request),
            latest=done,
        )
    ]


def _sent(request: CreateSubscription) -> dict[str, Any]:
    terms = request.terms()
    return {name: terms[name] for name in _NOT_READ_BACK if name in terms}


def _closed_records(write: ProvisionWrite, ended: tuple[LiveSubscription, ...]) -> list[RecordState]:
    """Return the records of other lines whose subscription has ended by this one, without it."""
    closed = []
    for one in ended:
        if one.org_id is None or one.record_id is None or one.record_id == write.request.salesforce_record_id:
            continue
        record = write.deps.ledger.record(one.org_id, one.record_id)
        if record and record.current and record.current.subscription_id == one.subscription_id:
            closed.append(replace(record, current=None))
    return closed


def _history(
    write: ProvisionWrite, ticket: Ticket, effect: Effect[SubscriptionResult], closed: list[RecordState]
) -> list[HistoryEntry]:
    answer, key = effect.answer, ticket.operation.operation_key
    at = iso(write.deps.clock.now())
    entries = [
        HistoryEntry(
            record.org_id, record.record_id, at, "closed", one.subscription_id, key,
            replaced_by_subscription_id=answer.subscription_id,
        )
        for record in closed
        for one in effect.ended
        if one.record_id == record.record_id
    ]  # fmt: skip
    record_id = write.request.salesforce_record_id
    if record_id is not None and answer.outcome != "unchanged":
        replaced = answer.replaced_subscription_id
        entries.append(HistoryEntry(write.org_id, record_id, at, answer.outcome, answer.subscription_id, key, replaced))
    return entries


def _account(write: ProvisionWrite, ticket: Ticket) -> tuple[str, str] | None:
    """Return the account to be linked to the customer, if no customer is linked to it yet."""
    account_id = write.request.salesforce_account_id
    return (write.org_id, account_id) if account_id and ticket.linked_customer_id is None else None
