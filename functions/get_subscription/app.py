"""Show the subscription of a Salesforce record, or one named by its id: live state, mapping and history.

Nothing changes in Stigg. A record whose mapping is missing is mapped again if its subscription is found there.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.lookup import Lookup
from stigg_actions.models.subscription_views import FoundSubscription, GetSubscription


def get_subscription(request: GetSubscription, deps: Deps) -> FoundSubscription:
    """Look the subscription up."""
    return Lookup(request, deps).answer()


handler = entrypoint(get_subscription)
