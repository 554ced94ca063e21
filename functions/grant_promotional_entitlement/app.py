"""Give a customer a feature for a while, outside of its subscriptions.

The promotional entitlement replaces the one that the customer has for the feature. The answer describes both.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.grant_promotional_entitlement import (
    GrantedPromotionalEntitlement,
    GrantPromotionalEntitlement,
)
from stigg_actions.writes.grant_promotional_entitlement import GrantPromotionalEntitlementWrite


def grant_promotional_entitlement(request: GrantPromotionalEntitlement, deps: Deps) -> GrantedPromotionalEntitlement:
    """Grant the promotional entitlement, and record that as the feature's latest change."""
    return perform(GrantPromotionalEntitlementWrite(request, deps))


handler = entrypoint(grant_promotional_entitlement)
