"""The request of cancel-subscription."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import field_problem
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.values import EndMoment, Flag, choice


class CancelSubscription(SubscriptionRequest):
    """The request of cancel-subscription."""

    cancel_when: Annotated[
        Literal["now", "endOfBillingPeriod", "onDate"], choice("now", "endOfBillingPeriod", "onDate")
    ]
    """When to cancel: now, endOfBillingPeriod or onDate (with endDate)."""
    end_date: EndMoment | None = None
    """With onDate: date on which the subscription ends."""
    fallback: Flag = False
    """True: if Stigg does not allow this cancellation, make the nearest one that it allows, and say so in
    fallbackUsed."""
    revoke_entitlements: Flag = False
    """True: revoke all entitlements, whatever the product's setting for canceled customers."""
    prorate: Flag | None = None
    """True: credit the rest of the billing period."""
    dry_run: Flag = False
    """True: report what would be done, when it takes effect and what would block it; change nothing."""

    @model_validator(mode="after")
    def _date_with_on_date(self) -> Self:
        if self.cancel_when == "onDate" and self.end_date is None:
            raise field_problem("endDate", "is required with cancelWhen onDate")
        if self.cancel_when != "onDate" and self.end_date is not None:
            raise field_problem("endDate", "is only for cancelWhen onDate")
        return self
