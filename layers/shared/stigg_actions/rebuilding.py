"""Writing the mappings of a customer anew from what the metadata of its subscriptions in Stigg tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stigg_actions import salesforce
from stigg_actions.dynamodb import ConditionFailedError
from stigg_actions.mappings import Changes, LiveSubscription
from stigg_actions.standing import Names

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.mappings import ResourceState
    from stigg_actions.standing import Standing
    from stigg_actions.stigg.wire import Subscription


def is_listed(subscription: Subscription, owner: tuple[str, str], deps: Deps) -> bool:
    """Whether a running subscription is among its customer's, and its account leads to the customer."""
    return subscription.has_ended or _changes(subscription, owner, _standing(subscription, owner[0], deps)) is None


def relist(subscription: Subscription, owner: tuple[str, str], deps: Deps) -> bool:
    """List a running subscription among its customer's, and link its account; False if somebody else is at it."""
    standing = _standing(subscription, owner[0], deps)
    changes, customer = _changes(subscription, owner, standing), standing.customer
    if changes is None or customer is None or customer.lease is not None:
        return False
    try:
        deps.records.correct(changes, customer)
    except ConditionFailedError:
        return False
    return True


def _standing(subscription: Subscription, org_id: str, deps: Deps) -> Standing:
    names = Names(
        org_id,
        customer_id=subscription.customer_id,
        account_id=_account(subscription),
        resource_id=subscription.resource_id,
        of_resource=True,
    )
    return deps.ledger.standing(names, None)


def _account(subscription: Subscription) -> str | None:
    try:
        return salesforce.record_id(subscription.metadata.get("salesforceAccountId", ""))
    except ValueError:
        return None


def _changes(subscription: Subscription, owner: tuple[str, str], standing: Standing) -> Changes | None:
    """Return what is missing, None if nothing is."""
    resource, names = standing.resource, standing.names
    unlisted = resource is not None and subscription.id not in resource.live
    unlinked = names.account_id is not None and standing.linked_customer_id is None
    if standing.customer is None or not (unlisted or unlinked):
        return None
    return Changes(
        standing.customer,
        resource=_with(resource, subscription, owner) if unlisted and resource else None,
        account=(names.org_id, str(names.account_id)) if unlinked else None,
    )


def _with(resource: ResourceState, subscription: Subscription, owner: tuple[str, str]) -> ResourceState:
    live = LiveSubscription(subscription.id, subscription.plan_id, subscription.resource_id, *owner)
    return replace(resource, live={**resource.live, subscription.id: live})
