"""Move a customer from a subscription to a grace or restricted plan: now, at the end of the period or of the contract.

One call is enough after a contract has expired. The earlier terms are stored, and renew-subscription can restore them.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.create_subscription import SubscriptionResult
from stigg_actions.models.downgrade_subscription import DowngradeSubscription
from stigg_actions.writes.downgrade_subscription import DowngradeSubscriptionWrite
from stigg_actions.writes.dry_run import perform_or_rehearse


def downgrade_subscription(request: DowngradeSubscription, deps: Deps) -> SubscriptionResult:
    """Provision the plan in place of the subscription, and map the record to it."""
    return perform_or_rehearse(DowngradeSubscriptionWrite(request, deps), dry_run=request.dry_run)


handler = entrypoint(downgrade_subscription)
