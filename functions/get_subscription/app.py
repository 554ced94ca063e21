"""Show the subscription of a Salesforce record, or one named by its id: live state, mapping and history.

Nothing changes in Stigg. A record whose mapping is missing is mapped again if its subscription is found there.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.get_subscription import FoundSubscription, GetSubscription
from stigg_actions.queries.get_subscription import Lookup


def get_subscription(request: GetSubscription, deps: Deps) -> FoundSubscription:
    """Look the subscription up."""
    return Lookup(request, deps).answer()


handler = entrypoint(get_subscription)
