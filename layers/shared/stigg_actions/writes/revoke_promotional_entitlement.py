"""The write behind revoke-promotional-entitlement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import NotFound, Refused
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.revoke_promotional_entitlement import (
    RevokedPromotionalEntitlement,
    RevokePromotionalEntitlement,
)
from stigg_actions.stigg.error_codes import NOTHING_TO_REVOKE, normalise
from stigg_actions.writes._promotional_entitlement import OfFeature

if TYPE_CHECKING:
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run


class RevokePromotionalEntitlementWrite(OfFeature[RevokePromotionalEntitlement, RevokedPromotionalEntitlement]):
    """Take back the promotional entitlement that a customer has for a feature."""

    kind = "revoke"
    result = RevokedPromotionalEntitlement

    def send(self, run: Run) -> Effect[RevokedPromotionalEntitlement]:
        """Revoke it. It is also sent if there is none, because Stigg then refuses an id that is wrong.

        Raises:
            NotFound: Stigg does not know the feature or the customer.
        """
        try:
            self.deps.stigg.revoke_promotional_entitlement(run.customer.customer_id, self.request.feature_id)
        except (NotFound, Refused) as refusal:
            if normalise(refusal.stigg.code or "") not in NOTHING_TO_REVOKE and refusal.code != "NOT_FOUND_IN_STIGG":
                raise
        return self._revoked(run)

    def find_effect(self, run: Run) -> Effect[RevokedPromotionalEntitlement] | None:
        """Return the effect if no promotional entitlement is in force."""
        return None if self.in_force_if_known(run.customer.customer_id) else self._revoked(run)

    def find_existing_effect(self, run: Run, before: Operation) -> Effect[RevokedPromotionalEntitlement] | None:  # noqa: ARG002
        """Return the effect if there is still none."""
        return None if run.operation.noted else self._revoked(run)

    def _revoked(self, run: Run) -> Effect[RevokedPromotionalEntitlement]:
        before = self.before(run)
        return Effect(self.answer(run, "revoked" if before else "unchanged", now=None, before=before))
