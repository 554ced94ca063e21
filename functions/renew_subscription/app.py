"""Bring a Stigg subscription to a wanted state: amended in place where Stigg can, replaced otherwise.

The answer explains the decision. A dry run tells it, with price and blockers, and changes nothing.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.renewals import RenewalResult, RenewSubscription
from stigg_actions.once import perform
from stigg_actions.rehearsing import rehearse
from stigg_actions.writes.renew import RenewWrite


def renew_subscription(request: RenewSubscription, deps: Deps) -> RenewalResult:
    """Decide, do it, and map the record, or the new one, to the subscription."""
    write = RenewWrite(request, deps)
    return rehearse(write) if request.dry_run else perform(write)


handler = entrypoint(renew_subscription)
