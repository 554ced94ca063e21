"""Renew a Stigg subscription to the requested terms: amend it in place where Stigg can, and replace it otherwise.

The answer explains the decision. A dry run shows it with price and blockers, and changes nothing.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.renew_subscription import RenewalResult, RenewSubscription
from stigg_actions.writes.dry_run import perform_or_rehearse
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite


def renew_subscription(request: RenewSubscription, deps: Deps) -> RenewalResult:
    """Amend or replace the subscription, and map its record or the new one to it."""
    return perform_or_rehearse(RenewSubscriptionWrite(request, deps), dry_run=request.dry_run)


handler = entrypoint(renew_subscription)
