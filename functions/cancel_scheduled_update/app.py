"""Drop what waits on a subscription: a scheduled downgrade or change, or an update that awaits payment.

The subscription itself stays as it is. The answer says what was dropped.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.cancel_scheduled_update import CancelScheduledUpdate, DroppedUpdates
from stigg_actions.writes.cancel_scheduled_update import CancelScheduledUpdateWrite


def cancel_scheduled_update(request: CancelScheduledUpdate, deps: Deps) -> DroppedUpdates:
    """Drop what waits, and remove it from the mapping of the record."""
    return perform(CancelScheduledUpdateWrite(request, deps))


handler = entrypoint(cancel_scheduled_update)
