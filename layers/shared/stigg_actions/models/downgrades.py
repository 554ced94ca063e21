"""Moving a customer to a grace or restricted plan."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import field_problem
from stigg_actions.models.subscription_changes import SubscriptionRequest
from stigg_actions.models.terms import FullTerms, in_any_order
from stigg_actions.models.values import StiggId, choice


class DowngradeSubscription(SubscriptionRequest, FullTerms):
    """The request of downgrade-subscription: the subscription to come from, and the terms of the one to come."""

    plan_id: Annotated[
        StiggId | None, Field(description="Plan to move to. Left out: the plan in the stack's parameter GracePlanId.")
    ] = None
    downgrade_when: Annotated[
        Literal["now", "endOfBillingPeriod", "endOfContract"],
        choice("now", "endOfBillingPeriod", "endOfContract"),
        Field(
            description="now (the default), endOfBillingPeriod or endOfContract (its cancellationDate). "
            "A subscription that has ended is followed at once in any case."
        ),
    ] = "now"

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Self:
        given = {"startDate": self.start_date, "scheduleStrategy": self.schedule_strategy}
        for field, value in given.items():
            if value is not None:
                raise field_problem(field, "is not for a downgrade; say downgradeWhen")
        return self

    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same one; in what order a list gives it does not matter."""
        return in_any_order(super().canonical())
