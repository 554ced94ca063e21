"""Move a Stigg subscription to another customer."""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.delegate_subscription import DelegatedSubscription, DelegateSubscription
from stigg_actions.writes.delegate_subscription import DelegateSubscriptionWrite


def delegate_subscription(request: DelegateSubscription, deps: Deps) -> DelegatedSubscription:
    """Move the subscription unless it is there."""
    return perform(DelegateSubscriptionWrite(request, deps))


handler = entrypoint(delegate_subscription)
