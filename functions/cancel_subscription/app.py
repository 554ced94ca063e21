"""Cancel a Stigg subscription: now, at the end of its billing period, or on a date.

One that has ended already is as asked. Where Stigg forbids what is asked, the answer says what is possible.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.subscription_changes import CancelSubscription, ChangedSubscription
from stigg_actions.once import perform
from stigg_actions.writes.cancel import CancelWrite


def cancel_subscription(request: CancelSubscription, deps: Deps) -> ChangedSubscription:
    """Cancel the subscription, and note its end with its record."""
    return perform(CancelWrite(request, deps))


handler = entrypoint(cancel_subscription)
