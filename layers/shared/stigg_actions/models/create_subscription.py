"""Provisioning a subscription: the request around its terms, and the answers."""

from typing import Any, Literal

from stigg_actions.models.base import Answer, CustomerRequest, SupersededAnswer
from stigg_actions.models.subscription_data import ProvisionedAnswer
from stigg_actions.models.terms import FullTerms, PlanChoice, in_any_order
from stigg_actions.models.values import Email, Text


class CreateSubscription(FullTerms, PlanChoice, CustomerRequest):
    """The request of create-subscription and of create-subscription-with-return-data."""

    customer_name: Text | None = None
    """Given: the customer is created or updated first, with this name."""
    customer_email: Email | None = None
    """Given: the customer is created or updated first, with this e-mail address."""

    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same one; in what order and in how many lines a list gives it does not matter."""
        canonical = {**super().canonical(), **self.terms()}
        canonical.pop("planBaseChargeOverride", None)  # it is the first of the price overrides
        return {name: value for name, value in in_any_order(canonical).items() if value != []}


class SubscriptionStatus(SupersededAnswer, Answer):
    """The answer of create-subscription: whether it worked, and a payment page if one is needed."""

    outcome: Literal["created", "replaced", "scheduled", "paymentRequired", "unchanged", "superseded"]
    """created, replaced (an earlier subscription ended), scheduled (takes effect later), paymentRequired (nothing is
    active until checkoutUrl is paid), unchanged (it was so already) or superseded (something newer than asOf was done;
    nothing changed)."""
    active: bool
    """True: the subscription is active or in trial now."""
    checkout_url: str | None = None
    """Payment page, when payment is needed first."""


class SubscriptionResult(SubscriptionStatus, ProvisionedAnswer):
    """The answer of create-subscription-with-return-data: the subscription itself."""

    def without_data(self) -> SubscriptionStatus:
        """The same answer without the subscription."""
        return SubscriptionStatus.model_validate(self.model_dump(include=set(SubscriptionStatus.model_fields)))
