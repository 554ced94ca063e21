"""The request and the answer of merge-customers."""

from typing import Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import ActionRequest, Answer, Model, field_problem
from stigg_actions.models.values import AccountId, CustomerId, Flag


class MergeCustomers(ActionRequest):
    """The request of merge-customers."""

    from_customer_id: CustomerId
    """Stigg customer of the Salesforce account that was merged into another one."""
    into_customer_id: CustomerId
    """Stigg customer of the account that remains."""
    salesforce_account_id: AccountId | None = None
    """Id of the Salesforce account (001...) that was merged. It is linked to intoCustomerId, so that requests that
    still name it reach that customer."""
    move_subscriptions: Flag = False
    """True: move the live subscriptions to intoCustomerId, with their records, and archive fromCustomerId. False: they
    stay with fromCustomerId."""
    dry_run: Flag = False
    """True: show what would be done; change nothing."""

    @model_validator(mode="after")
    def _ask_for_something(self) -> Self:
        if self.from_customer_id == self.into_customer_id:
            raise field_problem("intoCustomerId", "must differ from fromCustomerId")
        if self.salesforce_account_id is None and not self.move_subscriptions:
            raise field_problem("salesforceAccountId", "is required, or give moveSubscriptions true")
        return self


class SubscriptionToMove(Model):
    """A live subscription of fromCustomerId."""

    subscription_id: str
    """Stigg subscription id."""
    plan_id: str
    """Stigg plan id."""
    salesforce_record_id: str | None = None
    """Record that it belongs to, if any. It stays the same."""
    outcome: Literal["moved", "wouldMove", "failed"]
    """moved, wouldMove (dry run) or failed (in a dry run: would fail)."""
    error_code: str | None = None
    """Outcome failed: why, as in the errors of delegate-subscription."""
    error_message: str | None = None
    """Outcome failed: why, in words, with the remedy."""


class MergedCustomers(Answer):
    """The answer of merge-customers."""

    outcome: Literal["merged", "incomplete", "dryRun"]
    """merged, incomplete (something is left: see subscriptions, remove what is in the way and call again) or dryRun
    (nothing was changed)."""
    customer_id: str
    """Customer that remains."""
    complete: bool
    """True: nothing is left to do. False: call again."""
    account_linked: bool
    """Whether the account is linked to the customer that remains."""
    archived: bool
    """Whether fromCustomerId is archived."""
    subscriptions: list[SubscriptionToMove]
    """Live subscriptions that this call moved, could not move, or in a dry run would move."""
