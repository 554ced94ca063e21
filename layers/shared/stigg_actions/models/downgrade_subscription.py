"""Moving a customer to a grace or restricted plan."""

from typing import Annotated, Any, Literal

from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.terms import NewTerms, in_any_order
from stigg_actions.models.values import StiggId, choice


class DowngradeSubscription(SubscriptionRequest, NewTerms):
    """The request of downgrade-subscription: the subscription to come from, and the terms of the one to come."""

    plan_id: StiggId | None = None
    """Plan to move to. Left out: the plan in the stack's parameter GracePlanId."""
    downgrade_when: Annotated[
        Literal["now", "endOfBillingPeriod", "endOfContract"], choice("now", "endOfBillingPeriod", "endOfContract")
    ] = "now"
    """now (the default), endOfBillingPeriod or endOfContract (its cancellationDate). A subscription that has ended is
    followed at once in any case."""

    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same one; in what order a list gives it does not matter."""
        return in_any_order(super().canonical())
