"""Renewing a subscription: the wanted state, and the answer that explains what is done for it, or would be."""

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
    """The request of renew-subscription: terms that are left out stay as they are."""

    plan_id: StiggId | None = None
    """Stigg plan id. Left out: the plan stays."""
    strategy: Annotated[Literal["auto", "amend", "replace"], choice("auto", "amend", "replace")] = "auto"
    """auto (the default) amends in place where Stigg can, else replaces; amend refuses what cannot be amended; replace
    always provisions anew."""
    mode: Annotated[Literal["replace", "merge"], choice("replace", "merge")] = "replace"
    """replace (the default): the lists that are given are the full new ones. merge: what they do not name stays as it
    is."""
    restore: Flag = False
    """True: start from the terms before the downgrade, in place of the present ones."""
    new_salesforce_record_id: RecordId | None = None
    """Record that the subscription belongs to from now on, such as the line of the renewal."""
    dry_run: Flag = False
    """True: tell what would be done, at which price and what blocks it; change nothing."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.new_salesforce_record_id is not None and self.new_salesforce_record_id == self.salesforce_record_id:
            raise field_problem("newSalesforceRecordId", "is salesforceRecordId; leave it out, or give the new one")
        return self

    @model_validator(mode="after")
    def _merges_into_what_stands(self) -> Self:
        if self.restore and self.mode == "merge":
            raise field_problem("mode", "merge is not for restore, which brings the earlier lists back; use replace")
        for field, problem in contradictions(self.mode, self.removed(), self.given()):
            raise field_problem(field, problem)
        return self

    def given(self) -> dict[str, Any]:
        """The terms that are asked for, by their names in Stigg; None empties one."""
        return {**self.terms(), **self.cleared()}

    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same one; in what order a list gives it does not matter."""
        return in_any_order(super().canonical())


class RenewalResult(Price, ProvisionedAnswer):
    """The answer of renew-subscription."""

    outcome: Literal[
        "updated", "unchanged", "replaced", "created", "scheduled", "paymentRequired", "dryRun", "superseded"
    ]
    """updated (amended in place), unchanged, replaced (an earlier subscription ended), created (it had ended already),
    scheduled (takes effect later), paymentRequired (nothing changes until it is paid), dryRun (nothing was done) or
    superseded (something newer than asOf was done; nothing changed)."""
    decision: Literal["amend", "replace", "none"]
    """amend (change in place), replace (provision anew) or none (all is as wanted)."""
    reasons: list[str]
    """Reasons for the decision, in sentences."""
    changes: list[Change]
    """The wanted state against the present one, field by field."""
    scheduled_changes: list[ScheduledChange]
    """What waits for its time or for a payment, this change or another."""
    blockers: list[Blocker]
    """Dry run: what stands in the way. Otherwise empty: it was done."""
    not_priced: list[str] | None = None
    """Dry run: terms that Stigg does not take into account in its prices."""
    salesforce_record_id: str | None = None
    """Record that the subscription belongs to now."""
