"""How a request names its subscription."""

from typing import Self

from pydantic import model_validator

from stigg_actions.models.base import KeyedRequest, RecordReference, field_problem
from stigg_actions.models.values import StiggId


class SubscriptionReference(RecordReference):
    """The subscription, named either by its Stigg id or by the Salesforce record that it was provisioned for."""

    subscription_id: StiggId | None = None
    """Stigg subscription id. Left out: the subscription of salesforceRecordId."""

    @model_validator(mode="after")
    def _name_the_subscription(self) -> Self:
        if (self.subscription_id is None) == (self.salesforce_record_id is None):
            raise field_problem("subscriptionId", "give either subscriptionId or salesforceRecordId")
        return self


class SubscriptionRequest(SubscriptionReference, KeyedRequest):
    """A request that changes one subscription."""
