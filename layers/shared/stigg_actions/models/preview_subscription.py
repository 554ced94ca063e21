"""The request and the answer of preview-subscription."""

from datetime import datetime
from typing import Annotated, Literal

from stigg_actions.models.base import ActionRequest, Answer, CustomerReference, Model
from stigg_actions.models.price import Blocker, Price
from stigg_actions.models.terms import FullTerms, PlanChoice
from stigg_actions.models.values import Amount, JsonText, StiggId


class BillableFeature(Model):
    """A feature that is paid by quantity, and the quantity."""

    feature_id: StiggId
    """Id of the feature that is paid for."""
    quantity: Amount
    """Quantity for which to calculate the price."""


class PreviewSubscription(FullTerms, PlanChoice, CustomerReference, ActionRequest):
    """The request of preview-subscription: the terms that create-subscription would get."""

    billable_features: Annotated[list[BillableFeature] | None, JsonText] = None
    """Features that are paid by quantity, with the quantities for which to calculate the price."""

    def asked(self) -> dict[str, object]:
        """Return the body of Stigg's POST /api/v1/subscriptions/preview without the customer."""
        return {**self.terms(), **self.to_json_fields(include={"billable_features"})}


class Replaced(Model):
    """A subscription that the new one would replace."""

    subscription_id: str
    """Stigg subscription id."""
    plan_id: str
    """Stigg plan id."""
    salesforce_record_id: str | None = None
    """Record that it was provisioned for."""
    status: str
    """ACTIVE, IN_TRIAL or PAYMENT_PENDING."""
    ends_at: datetime | None = None
    """Date on which it would end otherwise."""


class PreviewedSubscription(Price, Answer):
    """The answer of preview-subscription."""

    outcome: Literal["previewed"]
    """previewed: no change was made."""
    possible: bool
    """True: no reason is known why the request would be refused."""
    blockers: list[Blocker]
    """Reasons why the request would be refused."""
    replaces: list[Replaced]
    """Subscriptions that the new one would replace."""
    not_priced: list[str]
    """Fields of the request that Stigg's price calculation ignores."""
