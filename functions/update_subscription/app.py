"""Amend a Stigg subscription in place: add-ons, charges, entitlements, prices, billing, dates. Usage history is kept.

Items that a list does not name stay unchanged, unless the request has mode replace.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.models.update_subscription import UpdateSubscription
from stigg_actions.writes.dry_run import perform_or_rehearse
from stigg_actions.writes.update_subscription import UpdateSubscriptionWrite


def update_subscription(request: UpdateSubscription, deps: Deps) -> ChangedSubscription:
    """Send the terms that differ, and return the changes and the scheduled ones."""
    return perform_or_rehearse(UpdateSubscriptionWrite(request, deps), dry_run=request.dry_run)


handler = entrypoint(update_subscription)
