"""Amend a Stigg subscription in place: add-ons, charges, entitlements, prices, billing, dates. Usage history is kept.

What a list does not name stays as it is, unless the request says replace.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.models.update_subscription import UpdateSubscription
from stigg_actions.writes.update_subscription import UpdateSubscriptionWrite


def update_subscription(request: UpdateSubscription, deps: Deps) -> ChangedSubscription:
    """Change what is not as wanted, and tell what changed and what waits."""
    return perform(UpdateSubscriptionWrite(request, deps))


handler = entrypoint(update_subscription)
