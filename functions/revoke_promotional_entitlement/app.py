"""Take back a promotional entitlement before it ends.

If the customer has none for the feature, nothing changes.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.revoke_promotional_entitlement import (
    RevokedPromotionalEntitlement,
    RevokePromotionalEntitlement,
)
from stigg_actions.writes.revoke_promotional_entitlement import RevokePromotionalEntitlementWrite


def revoke_promotional_entitlement(request: RevokePromotionalEntitlement, deps: Deps) -> RevokedPromotionalEntitlement:
    """Revoke the promotional entitlement, and record that as the feature's latest change."""
    return perform(RevokePromotionalEntitlementWrite(request, deps))


handler = entrypoint(revoke_promotional_entitlement)
