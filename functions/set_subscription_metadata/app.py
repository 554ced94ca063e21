"""Set metadata of a Stigg subscription: merge it with the present metadata, or replace it.

Writes of one customer run one after another, so that two at once lose no change.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.set_subscription_metadata import SetSubscriptionMetadata
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.writes.set_subscription_metadata import SetSubscriptionMetadataWrite


def set_subscription_metadata(request: SetSubscriptionMetadata, deps: Deps) -> ChangedSubscription:
    """Change the metadata if it differs."""
    return perform(SetSubscriptionMetadataWrite(request, deps))


handler = entrypoint(set_subscription_metadata)
