"""The request and answer of delegate-subscription."""

from typing import Self

from pydantic import model_validator

from stigg_actions.models.base import field_problem
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.values import AccountId, CustomerId


class DelegateSubscription(SubscriptionRequest):
    """The request of delegate-subscription."""

    destination_customer_id: CustomerId | None = None
    """Stigg customer to move the subscription to. Left out: the customer of destinationSalesforceAccountId."""
    destination_salesforce_account_id: AccountId | None = None
    """Id of the Salesforce account (001...) whose customer gets the subscription. 15 or 18 characters."""

    @model_validator(mode="after")
    def _name_the_destination(self) -> Self:
        if self.destination_customer_id is None and self.destination_salesforce_account_id is None:
            problem = "give destinationCustomerId, destinationSalesforceAccountId or both"
            raise field_problem("destinationCustomerId", problem)
        return self


class DelegatedSubscription(ChangedSubscription):
    """The answer of delegate-subscription."""

    previous_customer_id: str | None = None
    """Customer that had the subscription before; absent if it was there already."""
    paying_customer_id: str | None = None
    """Customer that pays for the subscription, if it is another one."""
