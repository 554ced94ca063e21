"""The request of downgrade-subscription."""

from typing import Annotated, Any, Literal

from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.terms import NewTerms, in_any_order
from stigg_actions.models.values import Flag, StiggId, choice


class DowngradeSubscription(SubscriptionRequest, NewTerms):
    """The request of downgrade-subscription: the present subscription, and the terms of the new one."""

    plan_id: StiggId | None = None
    """Plan to move to. Left out: the plan in the stack's parameter GracePlanId."""
    downgrade_when: Annotated[
        Literal["now", "endOfBillingPeriod", "endOfContract"], choice("now", "endOfBillingPeriod", "endOfContract")
    ] = "now"
    """now (the default), endOfBillingPeriod or endOfContract (its cancellationDate). If the subscription has ended, the
    downgrade takes effect now in any case."""
    dry_run: Flag = False
    """True: report what would be done, when it takes effect, the price and the blockers; change nothing."""

    def canonical(self) -> dict[str, Any]:
        """Return what identifies the request. The order of lists does not matter."""
        return in_any_order(super().canonical())
