"""The request and the answer of renew-subscription."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import field_problem
from stigg_actions.models.price import Blocker, Price
from stigg_actions.models.subscription_data import Change, ProvisionedAnswer, ScheduledChange, Timing
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
    mode: Annotated[Literal["merge", "replace"], choice("merge", "replace")] = "merge"
    """merge (the default): items that a list does not name stay as they are. replace: a list that is given replaces the
    present list, and items that it does not name are removed. With restore it is always replace."""
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
        if self.restore and self.mode == "merge" and self.says_mode:
            raise field_problem(
                "mode", "merge cannot be used with restore, which brings back the earlier lists; use replace"
            )
        for field, problem in contradictions("merge" if self.merges else "replace", self.removed(), self.given()):
            raise field_problem(field, problem)
        return self

    @property
    def says_mode(self) -> bool:
        """Whether the request says how its lists are meant, instead of leaving it to the default."""
        return "mode" in self.model_fields_set

    @property
    def merges(self) -> bool:
        """Whether the lists are merged into the present ones. Restored terms have lists of their own."""
        return self.mode == "merge" and not self.restore

    def given(self) -> dict[str, Any]:
        """Return the requested terms, by their names in Stigg; None clears a term."""
        return {**self.terms(), **self.cleared()}

    def canonical(self) -> dict[str, Any]:
        """Return what identifies the request. The order of lists does not matter.

        Only a merge names its mode, whether the request does or not, as before merge was the default. So each meaning
        keeps the operation key that older versions gave it.
        """
        fields = {name: value for name, value in super().canonical().items() if name != "mode"}
        return in_any_order({**fields, **({"mode": "merge"} if self.merges else {})})

    def to_be_stored(self) -> dict[str, Any]:
        """Return the request with its mode, so that a stored request does not depend on the default."""
        return {**super().to_be_stored(), "mode": "merge" if self.merges else "replace"}

    @classmethod
    def stored(cls, data: Mapping[str, Any]) -> Self:
        """Read a stored request. Older versions stored no mode if the request had none, which meant replace."""
        return super().stored({"mode": "replace", **data})


class RenewalResult(Price, Timing, ProvisionedAnswer):
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
