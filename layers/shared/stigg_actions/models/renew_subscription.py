"""The request and the answer of renew-subscription."""

from typing import Annotated, Any, Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import field_problem
from stigg_actions.models.preview_subscription import Blocker, Price
from stigg_actions.models.subscription_data import Change, ProvisionedAnswer, ScheduledChange
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.terms import FullTerms, in_any_order
from stigg_actions.models.update_subscription import ClearedFields, RemovedItems, contradictions
from stigg_actions.models.values import Flag, RecordId, StiggId, choice


class RenewSubscription(SubscriptionRequest, FullTerms, RemovedItems, ClearedFields):
    """The request of renew-subscription. Terms that are left out stay as they are."""

    plan_id: StiggId | None = None
    """Stigg plan id. Left out: the plan stays."""
    strategy: Annotated[Literal["auto", "amend", "replace"], choice("auto", "amend", "replace")] = "auto"
    """auto (the default): amend in place if Stigg can, else replace. amend: refuse a change that Stigg cannot make in
    place. replace: always provision a new subscription."""
    mode: Annotated[Literal["replace", "merge"], choice("replace", "merge")] = "replace"
    """replace (the default): a list that is given replaces the present list. merge: items that it does not name stay as
    they are."""
    restore: Flag = False
    """True: start from the terms before the downgrade instead of the present ones."""
    new_salesforce_record_id: RecordId | None = None
    """Record that the subscription belongs to from now on, such as the line of the renewal."""
    dry_run: Flag = False
    """True: report what would be done, the price and the blockers; change nothing."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.new_salesforce_record_id is not None and self.new_salesforce_record_id == self.salesforce_record_id:
            raise field_problem(
                "newSalesforceRecordId", "is the same as salesforceRecordId; leave it out, or give the new record"
            )
        return self

    @model_validator(mode="after")
    def _merges_into_present_lists(self) -> Self:
        if self.restore and self.mode == "merge":
            raise field_problem(
                "mode", "merge cannot be used with restore, which brings back the earlier lists; use replace"
            )
        for field, problem in contradictions(self.mode, self.removed(), self.given()):
            raise field_problem(field, problem)
        return self

    def given(self) -> dict[str, Any]:
        """Return the requested terms, by their names in Stigg; None clears a term."""
        return {**self.terms(), **self.cleared()}

    def canonical(self) -> dict[str, Any]:
        """Return what identifies the request. The order of lists does not matter."""
        return in_any_order(super().canonical())


class RenewalResult(Price, ProvisionedAnswer):
    """The answer of renew-subscription."""

    outcome: Literal[
        "updated", "unchanged", "replaced", "created", "scheduled", "paymentRequired", "dryRun", "superseded"
    ]
    """updated (amended in place), unchanged, replaced (an earlier subscription ended), created (the earlier one had
    ended), scheduled (takes effect later), paymentRequired (takes effect once it is paid), dryRun (no change was made)
    or superseded (skipped, because a change newer than asOf was made)."""
    decision: Literal["amend", "replace", "none"]
    """amend (change in place), replace (provision a new subscription) or none (it is already as requested)."""
    reasons: list[str]
    """Reasons for the decision, in sentences."""
    changes: list[Change]
    """Differences between the present and the requested state, field by field."""
    scheduled_changes: list[ScheduledChange]
    """Changes that wait for their time or for a payment, this one or others."""
    blockers: list[Blocker]
    """Dry run: reasons why the renewal would be refused. Otherwise empty."""
    not_priced: list[str] | None = None
    """Dry run: terms that Stigg's price calculation ignores."""
    salesforce_record_id: str | None = None
    """Record that the subscription belongs to now."""
