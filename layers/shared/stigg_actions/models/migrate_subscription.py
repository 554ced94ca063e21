"""The request of migrate-subscription."""

from typing import Annotated, Literal

from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.values import choice


class MigrateSubscription(SubscriptionRequest):
    """The request of migrate-subscription."""

    migrate_when: Annotated[Literal["now", "endOfBillingPeriod"], choice("now", "endOfBillingPeriod")]
    """When to migrate: now or endOfBillingPeriod."""
