"""Provision a subscription in Stigg for a Salesforce record, and answer with the subscription itself.

The write is the same as that of create-subscription: a request that is repeated through either action happens once.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.create_subscription import CreateSubscription, SubscriptionResult
from stigg_actions.writes.create_subscription import CreateSubscriptionWrite


def create_subscription_with_return_data(request: CreateSubscription, deps: Deps) -> SubscriptionResult:
    """Provision the subscription, map the record to it, and return it."""
    return perform(CreateSubscriptionWrite(request, deps))


handler = entrypoint(create_subscription_with_return_data)
