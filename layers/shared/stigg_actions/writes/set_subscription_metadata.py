"""The write behind set-subscription-metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.set_subscription_metadata import SetSubscriptionMetadata
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.writes._patch_base import PatchWrite

if TYPE_CHECKING:
    from stigg_actions.stigg.schemas import Subscription


class SetSubscriptionMetadataWrite(PatchWrite[SetSubscriptionMetadata]):
    """Set a subscription's metadata, and keep the keys that the actions need."""

    kind = "metadata"
    event = "metadataSet"

    def patch(self, current: Subscription) -> dict[str, Any]:
        """Return the complete metadata if it differs, because PATCH replaces it as a whole."""
        merges, removed = self.request.mode == "merge", set(self.request.remove_keys or ())
        kept = {
            name: value
            for name, value in current.metadata.items()
            if name in RESERVED_METADATA or (merges and name not in removed)
        }
        requested = {**kept, **(self.request.metadata or {})}
        return {} if requested == current.metadata else {"metadata": requested}
