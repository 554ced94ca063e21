"""The write behind reschedule-cancellation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.reschedule_cancellation import RescheduleCancellation
from stigg_actions.subscriptions.end_date import check_end
from stigg_actions.writes._patch_base import PatchWrite

if TYPE_CHECKING:
    from stigg_actions.stigg.schemas import Subscription


class RescheduleCancellationWrite(PatchWrite[RescheduleCancellation]):
    """Set, move or remove the date on which a subscription ends."""

    kind = "reschedule"
    event = "cancellationRescheduled"

    def patch(self, current: Subscription) -> dict[str, Any]:
        """Return the cancellation date if it differs; a null clears it."""
        requested = self.request.cancellation_date
        return {} if requested == current.cancellation_date else {"cancellationDate": requested}

    def check_current(self, current: Subscription) -> None:
        """Refuse a date on which the subscription cannot end. Raises RequestInvalid."""
        check_end(self.request.cancellation_date, current, now=self.deps.clock.now())
