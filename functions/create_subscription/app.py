"""Provision a subscription in Stigg for a Salesforce record, and answer whether it worked.

The customer's subscription to the same product and resource, if there is one, is replaced. Repeating a request gives
the same answer and never a second subscription, through this action or create-subscription-with-return-data.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.subscriptions import CreateSubscription, SubscriptionStatus
from stigg_actions.once import perform
from stigg_actions.writes.provision import ProvisionWrite


def create_subscription(request: CreateSubscription, deps: Deps) -> SubscriptionStatus:
    """Provision the subscription and map the record to it."""
    return perform(ProvisionWrite(request, deps)).without_data()


handler = entrypoint(create_subscription)
