"""Whose a record or an account is: what would take one from its customer, or make a record forget a subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.clock import in_progress
from stigg_actions.errors import Conflict
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.operation import REPLAY_SECONDS
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions import pricing
from stigg_actions.writes._scheduled_cancellation import is_scheduled

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import MappedSubscription, RecordState
    from stigg_actions.storage.snapshot import Snapshot


def refuse_other_link(snapshot: Snapshot, account_id: str | None, customer_id: str | None) -> None:
    """Refuse a request for one customer in the name of an account that is linked to another.

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
    """Refuse a write for one customer on a record whose subscription, or payment page, is another one's.

    Stigg is asked only on the way to a refusal: what has ended there by now is in nobody's way.

    Raises:
        Conflict: CUSTOMER_MISMATCH, naming both customers.
        InProgress: the record is free, unless a write of its customer that is not settled takes it.
    """
    if record is None or record.customer_id == customer_id:
        return
    for one in (*record.mapped, *record.awaited):
        if _is_anothers(one, customer_id, deps):
            raise Conflict(
                "CUSTOMER_MISMATCH",
                f"The Salesforce record {record.record_id} belongs to customer {record.customer_id}: its subscription "
                f"{one.subscription_id} is {one.status}. This request is for customer {customer_id}. "
                f"Send it for {record.customer_id}, cancel that subscription first (cancel-subscription with this "
                "record), or use another record.",
            )
    owner = deps.ledger.snapshot(Target(record.org_id, record.customer_id), None).customer
    if owner is not None and owner.lease is not None:  # what has ended may have been replaced by that write
        problem = f"A write of customer {record.customer_id}, whose the record is, has no known outcome yet"
        raise in_progress(problem, retry_after=5)


def refuse_second(record: RecordState | None, plan_id: str, resource_id: str | None, deps: Deps) -> None:
    """Refuse a new subscription for a record that would run beside the record's own, and not in its place.

    Stigg replaces by customer, resource and product, and called off is what has yet to start.

    Raises:
        Conflict: RECORD_IN_USE, naming the subscription that the record has.
    """
    now, mapped = deps.clock.now(), record.mapped if record else ()
    live = [one for one in mapped if one.status not in ENDED and not is_scheduled(one, now=now)]
    beside = [one for one in live if not _takes_its_place(one, plan_id, resource_id, deps.stigg)]
    for one in beside:
        found = deps.stigg.find_subscription(one.subscription_id)
        if record is not None and found is not None and not found.has_ended:
            raise in_use(record.record_id, found)


def refuse_taken(record: RecordState | None, coming: Subscription, deps: Deps) -> None:
    """Refuse to move a subscription to a record that has one of its own, or a payment page.

    Raises:
        Conflict: CUSTOMER_MISMATCH if it is another customer's, else RECORD_IN_USE.
    """
    refuse_other_customer(record, coming.customer_id, deps)
    for one in (*record.mapped, *record.awaited) if record else ():
        if one.subscription_id == coming.id or one.status in ENDED:
            continue
        found = deps.stigg.find_subscription(one.subscription_id)
        if record is not None and found is not None and not found.has_ended:
            raise in_use(record.record_id, found)


def in_use(record_id: str, found: Subscription) -> Conflict:
    """Return the error for a record whose live subscription another one would not end."""
    place = f"resource {found.resource_id}" if found.resource_id else "no resource"
    return Conflict(
        "RECORD_IN_USE",
        f"The Salesforce record {record_id} has subscription {found.id} ({found.plan_id}, {place}, {found.status}), "
        "which would go on beside this one: Stigg replaces only what is of the same product and resource. "
        "Cancel it first (cancel-subscription), change it (renew-subscription), or use another record.",
    )


def must_claim(snapshot: Snapshot) -> bool:
    """Whether a record is free, so that several customers could provision for it at once."""
    record = snapshot.record
    if record is None or record.customer_id != snapshot.target.customer_id:
        return True
    return not any(one.status not in ENDED for one in (*record.mapped, *record.awaited))


def _is_anothers(one: MappedSubscription, customer_id: str, deps: Deps) -> bool:
    if one.status in ENDED:
        return False
    found = deps.stigg.find_subscription(one.subscription_id)
    if found is None:
        return one.asked_at is not None and deps.clock.now() < one.asked_at + REPLAY_SECONDS
    return not found.has_ended and found.customer_id != customer_id


def _takes_its_place(one: MappedSubscription, plan_id: str, resource_id: str | None, stigg: Stigg) -> bool:
    """Whether Stigg ends a subscription for a new one; a plan that Stigg does not show may be of any product."""
    if one.resource_id != resource_id:
        return False
    if one.plan_id == plan_id:
        return True
    products = {pricing.product_of(stigg, plan) for plan in (one.plan_id, plan_id)}
    return len(products - {None}) < 2
