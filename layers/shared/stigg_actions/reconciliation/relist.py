"""Correct the list of a customer's live subscriptions, one subscription at a time, from Stigg."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.reconciliation.restore import marked_account, missing_link
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.mapping import Changes, LiveSubscription
from stigg_actions.storage.snapshot import Target

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import ResourceState
    from stigg_actions.storage.snapshot import Snapshot


type Owner = tuple[str, str]
"""Org and record of a subscription."""


def is_listed(subscription: Subscription, owner: Owner | None, deps: Deps) -> bool:
    """Whether the customer's list has a subscription exactly while it is live, and its account has the customer.

    A subscription without a record is listed only if its customer is known here.
    """
    return _changes(subscription, owner, _snapshot(subscription, owner, deps)) is None


def relist(subscription: Subscription, owner: Owner | None, deps: Deps) -> bool:
    """List a live subscription or remove an ended one from its customer's list, and link its account.

    Returns:
        False if the list is correct by now, or a write of the customer is under way.
    """
    snapshot = _snapshot(subscription, owner, deps)  # read first: Stigg must not be older than the tables
    fresh = deps.stigg.find_subscription(subscription.id)
    changes, customer = _changes(fresh, owner, snapshot) if fresh else None, snapshot.customer
    if changes is None or customer is None or customer.lease is not None:
        return False
    try:
        deps.records.correct(changes, customer)
    except ConditionFailedError:
        return False
    return True


def _snapshot(subscription: Subscription, owner: Owner | None, deps: Deps) -> Snapshot:
    target = Target(
        owner[0] if owner else deps.settings.default_org_id,
        customer_id=subscription.customer_id,
        account_id=marked_account(subscription),
        resource_id=subscription.resource_id,
        of_resource=True,
    )
    return deps.ledger.snapshot(target, None)


def _changes(subscription: Subscription, owner: Owner | None, snapshot: Snapshot) -> Changes | None:
    """Return the changes that correct the list and the link, or None if both are correct."""
    customer, resource = snapshot.customer, snapshot.resource
    if customer is None or resource is None or (owner is None and customer.version == 0):
        return None
    wrong = (subscription.id in resource.live) == subscription.has_ended
    link = missing_link(snapshot, subscription)
    if not wrong and link is None:
        return None
    return Changes(
        customer,
        resource=_corrected(resource, subscription, owner) if wrong else None,
        account=link,
    )


def _corrected(resource: ResourceState, subscription: Subscription, owner: Owner | None) -> ResourceState:
    if subscription.has_ended:
        return resource.without(subscription.id)
    org_id, record_id = owner or (None, None)
    live = LiveSubscription(subscription.id, subscription.plan_id, subscription.resource_id, org_id, record_id)
    return replace(resource, live={**resource.live, subscription.id: live})
