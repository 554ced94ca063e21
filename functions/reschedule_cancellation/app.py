"""Set, move or clear the date on which a Stigg subscription ends."""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.reschedule_cancellation import RescheduleCancellation
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.writes.reschedule_cancellation import RescheduleCancellationWrite


def reschedule_cancellation(request: RescheduleCancellation, deps: Deps) -> ChangedSubscription:
    """Change the date if it differs."""
    return perform(RescheduleCancellationWrite(request, deps))


handler = entrypoint(reschedule_cancellation)
