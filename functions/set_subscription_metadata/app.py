"""Set metadata of a Stigg subscription, merging it with what is there or replacing that.

Writes of one customer follow each other, so that two that come at once lose nothing.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.subscription_changes import ChangedSubscription, SetSubscriptionMetadata
from stigg_actions.once import perform
from stigg_actions.writes.patch import MetadataWrite


def set_subscription_metadata(request: SetSubscriptionMetadata, deps: Deps) -> ChangedSubscription:
    """Change the metadata if it differs."""
    return perform(MetadataWrite(request, deps))


handler = entrypoint(set_subscription_metadata)
