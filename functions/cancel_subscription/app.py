"""Cancel a Stigg subscription: now, at the end of its billing period, or on a date.

A subscription that has ended is left unchanged. If Stigg refuses the requested time, the error names a possible one.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.cancel_subscription import CancelSubscription
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.writes.cancel_subscription import CancelSubscriptionWrite


def cancel_subscription(request: CancelSubscription, deps: Deps) -> ChangedSubscription:
    """Cancel the subscription, and record its end with its record."""
    return perform(CancelSubscriptionWrite(request, deps))


handler = entrypoint(cancel_subscription)
