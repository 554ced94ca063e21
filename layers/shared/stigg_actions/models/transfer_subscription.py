"""The request of transfer-subscription."""

from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.values import StiggId


class TransferSubscription(SubscriptionRequest):
    """The request of transfer-subscription."""

    destination_resource_id: StiggId
    """Resource to move the subscription to. It stays with its customer."""
