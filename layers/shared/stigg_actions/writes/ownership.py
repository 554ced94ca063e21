"""Refuse to take a record or account from its customer, or a record from its live subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.clock import in_progress
from stigg_actions.errors import Conflict
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.mapping import RecordState
from stigg_actions.storage.operation import REPLAY_SECONDS
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions.plans import product_of
from stigg_actions.writes._scheduled_cancellation import is_scheduled

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import MappedSubscription
    from stigg_actions.storage.snapshot import Snapshot


def refuse_other_link(snapshot: Snapshot, account_id: str | None, customer_id: str | None) -> None:
    """Refuse a request for one customer that names an account linked to another customer.

    Raises:
        Conflict: CUSTOMER_MISMATCH, naming both customers.
    """
    linked = snapshot.linked_customer_id
    if account_id is not None and linked not in {None, customer_id}:
        raise Conflict(
            "CUSTOMER_MISMATCH",
            f"The Salesforce account {account_id} is linked to customer {linked}, and this request is for customer "
            f"{customer_id}. Leave customerId out to use {linked}, or link the account to {customer_id} first "
            "(create-customer with relinkAccount true); subscriptions stay with their customer.",
        )


def refuse_other_customer(record: RecordState | None, customer_id: str, deps: Deps) -> None:
    """Refuse a write for one customer on a record with a subscription or payment page of another customer.

    Stigg is read only if the tables show a live one, because it may have ended in Stigg since.

    Raises:
        Conflict: CUSTOMER_MISMATCH, naming both customers.
        InProgress: the record is free, but an unsettled write of its customer may still use it.
    """
    if record is None or record.customer_id == customer_id:
        return
    for mapped in (*record.mapped, *record.awaited):
        if _is_anothers(mapped, customer_id, deps):
            raise Conflict(
                "CUSTOMER_MISMATCH",
                f"The Salesforce record {record.record_id} belongs to customer {record.customer_id}: its subscription "
                f"{mapped.subscription_id} is {mapped.status}. This request is for customer {customer_id}. "
                f"Send it for {record.customer_id}, or use another record. Or first cancel that subscription "
                f"(cancel-subscription with this record) or move it to {customer_id} (delegate-subscription).",
            )
    owner = deps.ledger.snapshot(Target(record.org_id, record.customer_id), None).customer
    if owner is not None and owner.lease is not None:  # that write may have replaced the ended subscription
        problem = f"The outcome of a write for customer {record.customer_id}, which has the record, is not known yet"
        raise in_progress(problem, retry_after=5)


def refuse_second(record: RecordState | None, plan_id: str, resource_id: str | None, deps: Deps) -> None:
    """Refuse a new subscription that would run beside the record's own instead of replacing it.

    Stigg replaces a subscription of the same customer, resource and product. A scheduled subscription is called off.

    Raises:
        Conflict: RECORD_IN_USE, naming the subscription that the record has.
    """
    now, mapped = deps.clock.now(), record.mapped if record else ()
    live = [entry for entry in mapped if entry.status not in ENDED and not is_scheduled(entry, now=now)]
    beside = [entry for entry in live if not _takes_its_place(entry, plan_id, resource_id, deps.stigg)]
    for entry in beside:
        subscription = deps.stigg.find_subscription(entry.subscription_id)
        if record is not None and subscription is not None and not subscription.has_ended:
            raise in_use(record.record_id, subscription)


def refuse_trial_beside(record: RecordState | None, deps: Deps) -> None:
    """Refuse a trial for a record with a live subscription that is not one: a trial replaces only trials.

    Raises:
        Conflict: RECORD_IN_USE, naming the subscription that the record has.
    """
    for entry in record.mapped if record else ():
        subscription = None if entry.status in ENDED else deps.stigg.find_subscription(entry.subscription_id)
        if record is not None and subscription is not None and not (subscription.has_ended or subscription.is_trial):
            raise Conflict(
                "RECORD_IN_USE",
                f"The Salesforce record {record.record_id} has subscription {subscription.id} ({subscription.status}), "
                "and a trial does not replace a running subscription. Leave the trial out, or use another record.",
            )


def refuse_scheduled(record: RecordState | None, plan_id: str, deps: Deps) -> None:
    """Refuse a new subscription for a record that has one of another plan that has yet to start.

    Raises:
        Conflict: RECORD_IN_USE, naming the scheduled subscription.
    """
    now, mapped = deps.clock.now(), record.mapped if record else ()
    for entry in (entry for entry in mapped if is_scheduled(entry, now=now) and entry.plan_id != plan_id):
        subscription = deps.stigg.find_subscription(entry.subscription_id)
        if record is not None and subscription is not None and not subscription.has_ended:
            raise in_use(record.record_id, subscription)


def refuse_taken(record: RecordState | None, coming: Subscription, deps: Deps) -> None:
    """Refuse to move a subscription to a record that has a subscription or payment page of its own.

    Raises:
        Conflict: CUSTOMER_MISMATCH if the record belongs to another customer, else RECORD_IN_USE.
    """
    refuse_other_customer(record, coming.customer_id, deps)
    refuse_occupied(record, coming.id, deps)


def refuse_occupied(record: RecordState | None, subscription_id: str, deps: Deps) -> None:
    """Refuse a record that has another subscription or payment page than this subscription.

    Raises:
        Conflict: RECORD_IN_USE, naming the subscription that the record has.
    """
    for entry in (*record.mapped, *record.awaited) if record else ():
        if entry.subscription_id == subscription_id or entry.status in ENDED:
            continue
        subscription = deps.stigg.find_subscription(entry.subscription_id)
        if record is not None and subscription is not None and not subscription.has_ended:
            raise in_use(record.record_id, subscription)


def in_use(record_id: str, subscription: Subscription) -> Conflict:
    """Return the error for a record whose live subscription would not be replaced."""
    place = f"resource {subscription.resource_id}" if subscription.resource_id else "no resource"
    details = f"{subscription.plan_id}, {place}, {subscription.status}"
    return Conflict(
        "RECORD_IN_USE",
        f"The Salesforce record {record_id} has subscription {subscription.id} ({details}), which would keep running: "
        "Stigg replaces only a subscription of the same product and resource. "
        "Cancel it first (cancel-subscription), change it (renew-subscription), or use another record.",
    )


def to_claim(target: Target, record_id: str, record: RecordState | None) -> tuple[RecordState, ...]:
    """Return a record if it is free, so that several customers could provision for it at once."""
    if record is None:
        return (RecordState(target.org_id, record_id, str(target.customer_id)),)
    is_own = record.customer_id == target.customer_id
    has_own = any(entry.status not in ENDED for entry in (*record.mapped, *record.awaited))
    return () if is_own and has_own else (record,)


def _is_anothers(mapped: MappedSubscription, customer_id: str, deps: Deps) -> bool:
    if mapped.status in ENDED:
        return False
    subscription = deps.stigg.find_subscription(mapped.subscription_id)
    if subscription is None:
        return mapped.asked_at is not None and deps.clock.now() < mapped.asked_at + REPLAY_SECONDS
    return not subscription.has_ended and subscription.customer_id != customer_id


def _takes_its_place(mapped: MappedSubscription, plan_id: str, resource_id: str | None, stigg: Stigg) -> bool:
    """Whether a new subscription replaces this one. A plan that Stigg does not show may belong to any product."""
    if mapped.resource_id != resource_id:
        return False
    if mapped.plan_id == plan_id:
        return True
    products = {product_of(stigg, plan) for plan in (mapped.plan_id, plan_id)}
    return len(products - {None}) < 2
