"""Move a Stigg subscription to another resource of its customer."""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.models.transfer_subscription import TransferSubscription
from stigg_actions.writes.transfer_subscription import TransferSubscriptionWrite


def transfer_subscription(request: TransferSubscription, deps: Deps) -> ChangedSubscription:
    """Move the subscription unless it is there."""
    return perform(TransferSubscriptionWrite(request, deps))


handler = entrypoint(transfer_subscription)
