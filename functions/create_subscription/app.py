"""Provision a subscription in Stigg for a Salesforce record, and answer whether it worked.

It replaces the customer's subscription to the same product and resource, if there is one. A repeated request gives the
same answer and never a second subscription, through this action or create-subscription-with-return-data.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.create_subscription import CreateSubscription, SubscriptionStatus
from stigg_actions.writes.create_subscription import CreateSubscriptionWrite


def create_subscription(request: CreateSubscription, deps: Deps) -> SubscriptionStatus:
    """Provision the subscription and map the record to it."""
    return perform(CreateSubscriptionWrite(request, deps)).without_data()


handler = entrypoint(create_subscription)
