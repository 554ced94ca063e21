"""The write behind set-subscription-metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.set_subscription_metadata import SetSubscriptionMetadata
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.writes._patch_base import PatchWrite

if TYPE_CHECKING:
    from stigg_actions.stigg.schemas import Subscription


class SetSubscriptionMetadataWrite(PatchWrite[SetSubscriptionMetadata]):
    """The write behind set-subscription-metadata. The keys by which the actions find things again are kept."""

    kind = "metadata"
    event = "metadataSet"

    def patch(self, current: Subscription) -> dict[str, Any]:
        """Return the whole metadata if any of it differs: PATCH replaces it as a whole."""
        merges, removed = self.request.mode == "merge", set(self.request.remove_keys or ())
        kept = {
            name: value
            for name, value in current.metadata.items()
            if name in RESERVED_METADATA or (merges and name not in removed)
        }
        wanted = {**kept, **(self.request.metadata or {})}
        return {} if wanted == current.metadata else {"metadata": wanted}
