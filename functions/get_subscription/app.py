"""Show the subscription of a Salesforce record or of a subscription id: live state, mapping and history.

It changes nothing in Stigg. If the record's mapping is missing and Stigg has its subscription, the mapping is restored.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.get_subscription import FoundSubscription, GetSubscription
from stigg_actions.queries.get_subscription import Lookup


def get_subscription(request: GetSubscription, deps: Deps) -> FoundSubscription:
    """Find the subscription."""
    return Lookup(request, deps).answer()


handler = entrypoint(get_subscription)
