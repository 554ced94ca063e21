"""The request and the answers of create-subscription and create-subscription-with-return-data."""

from typing import Any, Literal

from stigg_actions.models.base import Answer, CustomerRequest, SupersededAnswer
from stigg_actions.models.subscription_data import DryRunResult, ProvisionedAnswer
from stigg_actions.models.terms import FullTerms, PlanChoice, in_any_order
from stigg_actions.models.values import Email, Text


class CreateSubscription(FullTerms, PlanChoice, CustomerRequest):
    """The request of create-subscription and of create-subscription-with-return-data."""

    customer_name: Text | None = None
    """Name of the customer. If given, the customer is created or updated first."""
    customer_email: Email | None = None
    """E-mail address of the customer. If given, the customer is created or updated first."""

    def canonical(self) -> dict[str, Any]:
        """Return what identifies the request. The order of lists and repeated add-ons do not matter."""
        canonical = {**super().canonical(), **self.terms()}
        canonical.pop("planBaseChargeOverride", None)  # it is the first of the price overrides
        return {name: value for name, value in in_any_order(canonical).items() if value != []}


class SubscriptionStatus(SupersededAnswer, Answer):
    """The answer of create-subscription: the outcome, and a payment page if one is needed."""

    outcome: Literal["created", "replaced", "scheduled", "paymentRequired", "unchanged", "superseded"]
    """created, replaced (an earlier subscription ended), scheduled (takes effect later), paymentRequired (not active
    until checkoutUrl is paid), unchanged (it was already as requested) or superseded (skipped, because a change newer
    than asOf was made)."""
    active: bool
    """True: the subscription is active or in trial now."""
    checkout_url: str | None = None
    """Payment page, if payment is needed first."""


class SubscriptionResult(ProvisionedAnswer):
    """The answer of create-subscription-with-return-data: the subscription itself."""

    outcome: Literal["created", "replaced", "scheduled", "paymentRequired", "unchanged", "dryRun", "superseded"]
    """created, replaced (an earlier subscription ended), scheduled (takes effect later), paymentRequired (not active
    until checkoutUrl is paid), unchanged (it was already as requested), dryRun (no change was made) or superseded
    (skipped, because a change newer than asOf was made)."""
    dry_run_result: DryRunResult | None = None
    """Outcome dryRun: what the call would do."""

    def without_data(self) -> SubscriptionStatus:
        """Return the same answer without the subscription."""
        return SubscriptionStatus.model_validate(self.model_dump(include=set(SubscriptionStatus.model_fields)))
