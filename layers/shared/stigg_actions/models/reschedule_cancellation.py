"""The request of reschedule-cancellation."""

from typing import Self

from pydantic import model_validator

from stigg_actions.models.base import field_problem
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.values import EndMoment, Flag


class RescheduleCancellation(SubscriptionRequest):
    """The request of reschedule-cancellation."""

    cancellation_date: EndMoment | None = None
    """Date on which the subscription is to end."""
    clear: Flag = False
    """True: remove the cancellation; the subscription continues."""

    @model_validator(mode="after")
    def _date_or_clear(self) -> Self:
        if (self.cancellation_date is None) == (not self.clear):
            raise field_problem("cancellationDate", "give either cancellationDate or clear true")
        return self
