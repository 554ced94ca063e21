"""The request and the answer of revoke-promotional-entitlement."""

from typing import Literal

from stigg_actions.models.promotional_entitlements import FeatureRequest, PromotionalEntitlementResult


class RevokePromotionalEntitlement(FeatureRequest):
    """The request of revoke-promotional-entitlement."""


class RevokedPromotionalEntitlement(PromotionalEntitlementResult):
    """The answer of revoke-promotional-entitlement."""

    outcome: Literal["revoked", "unchanged", "superseded"]
    """revoked, unchanged (the customer had none) or superseded (skipped, because the promotional entitlement was
    granted or revoked from newer data than asOf)."""
