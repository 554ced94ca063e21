"""Set, move or clear the date on which a Stigg subscription ends by itself, and read it back."""

from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.subscription_changes import ChangedSubscription, RescheduleCancellation
from stigg_actions.once import perform
from stigg_actions.writes.patch import RescheduleWrite


def reschedule_cancellation(request: RescheduleCancellation, deps: Deps) -> ChangedSubscription:
    """Change the date if it differs."""
    return perform(RescheduleWrite(request, deps))


handler = entrypoint(reschedule_cancellation)
