"""Move a customer from a subscription to a grace or restricted plan: now, at the end of the period or of the contract.

One call is enough when a contract has expired. What was before is kept, and renew-subscription can restore it.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.create_subscription import SubscriptionResult
from stigg_actions.models.downgrade_subscription import DowngradeSubscription
from stigg_actions.writes.downgrade_subscription import DowngradeSubscriptionWrite


def downgrade_subscription(request: DowngradeSubscription, deps: Deps) -> SubscriptionResult:
    """Provision the plan in its place, and map its record to it."""
    return perform(DowngradeSubscriptionWrite(request, deps))


handler = entrypoint(downgrade_subscription)
