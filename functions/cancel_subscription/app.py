"""Cancel a Stigg subscription: now, at the end of its billing period, or on a date.

A subscription that has ended is left unchanged. If Stigg refuses the requested time, the error names a possible one.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.cancel_subscription import CancelSubscription
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.writes.cancel_subscription import CancelSubscriptionWrite
from stigg_actions.writes.dry_run import perform_or_rehearse


def cancel_subscription(request: CancelSubscription, deps: Deps) -> ChangedSubscription:
    """Cancel the subscription, and record its end with its record."""
    return perform_or_rehearse(CancelSubscriptionWrite(request, deps), dry_run=request.dry_run)


handler = entrypoint(cancel_subscription)
