"""Move a customer from a subscription to a grace or restricted plan: now, at the end of the period or of the contract.

One call is enough when a contract has expired. What was before is kept, and renew-subscription can restore it.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.downgrades import DowngradeSubscription
from stigg_actions.models.subscriptions import SubscriptionResult
from stigg_actions.once import perform
from stigg_actions.writes.downgrade import DowngradeWrite


def downgrade_subscription(request: DowngradeSubscription, deps: Deps) -> SubscriptionResult:
    """Provision the plan in its place, and map its record to it."""
    return perform(DowngradeWrite(request, deps))


handler = entrypoint(downgrade_subscription)
