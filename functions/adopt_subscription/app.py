"""Map a Salesforce record to a subscription that was not made here.

A dry run shows what would be mapped, and changes nothing.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.adopt_subscription import AdoptedSubscription, AdoptSubscription
from stigg_actions.writes.adopt_subscription import AdoptSubscriptionWrite


def adopt_subscription(request: AdoptSubscription, deps: Deps) -> AdoptedSubscription:
    """Adopt the subscription, or show what that would do."""
    write = AdoptSubscriptionWrite(request, deps)
    return write.rehearsed() if request.dry_run else perform(write)


handler = entrypoint(adopt_subscription)
