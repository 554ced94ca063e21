"""The request and the answer of reconcile."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import ActionRequest, Answer, Model, field_problem
from stigg_actions.models.values import CustomerId, Flag, Whole


class Reconcile(ActionRequest):
    """The request of reconcile."""

    longest_seconds: ClassVar[float] = 240.0

    minimum_age_seconds: Annotated[Whole, Field(le=86_400)] = 90
    """Skip operations that were started less than this many seconds ago. Default 90."""
    dry_run: Flag = False
    """True: report what would be done, and write nothing."""
    customer_id: CustomerId | None = None
    """Compare only this customer's subscriptions. Left out: the next ones in turn."""
    scheduled: Flag = False
    """True, as the schedule sends it: pause between two rounds of comparison if the account has over 1,000
    subscriptions, for 45 minutes with 10,000 and for at most 50."""
    rebuild: Flag = False
    """True, with customerId: rewrite the customer's mappings from the metadata in Stigg."""

    @model_validator(mode="after")
    def _rebuild_of_one(self) -> Self:
        if self.rebuild and self.customer_id is None:
            raise field_problem("customerId", "is required with rebuild: the mappings of one customer are rebuilt")
        return self


class SettledOperation(Model):
    """The result for an operation with an unknown outcome."""

    operation_key: str
    """Key of the operation."""
    kind: str
    """Kind of write."""
    result: Literal["succeeded", "failed", "unsettled", "wouldBeLookedUp"]
    """succeeded (its effect was found), failed (it had no effect), unsettled (not known yet) or wouldBeLookedUp (dry
    run)."""


class MendedMapping(Model):
    """A mapping that did not agree with Stigg."""

    subscription_id: str
    """Stigg subscription."""
    customer_id: str
    """Stigg customer."""
    salesforce_record_id: str | None = None
    """Record that it belongs to."""
    problem: Literal["missing", "status", "paid", "lapsed", "displaced", "unlisted", "conflict"]
    """missing (no mapping), status (another status), paid (was awaiting payment), lapsed (ended before it was paid),
    displaced (its record has lost it: no other subscription runs, or one of both starts later), unlisted (rebuild:
    not among its customer's; or still there, though it ended after its record was given another one) or conflict
    (its record has another running one, or an operation ended the record's: cancel the one that is not wanted)."""
    mended: bool
    """True: the mapping was corrected. False: dry run, conflict, a write in progress, or errorCode; the next round
    checks it again."""
    error_code: str | None = None
    """Code of the error because of which it could not be corrected."""


class UnreadableSubscription(Model):
    """A subscription in Stigg's list that was skipped."""

    subscription_id: str | None = None
    """Stigg subscription, if it has a readable id."""
    fields: list[str]
    """Fields of it that cannot be read."""


class Reconciled(Answer):
    """The answer of reconcile."""

    outcome: Literal["reconciled", "dryRun"]
    """reconciled, or dryRun (no data was written)."""
    settled: list[SettledOperation]
    """Operations that were checked."""
    mended: list[MendedMapping]
    """Mappings that did not agree with Stigg."""
    subscriptions_compared: int
    """Subscriptions that were compared with their mappings."""
    subscriptions_unreadable: int = 0
    """Subscriptions in Stigg's list that cannot be read, and were skipped."""
    unreadable: list[UnreadableSubscription] | None = None
    """The first 100 subscriptions that cannot be read."""
    stopped_by: str | None = None
    """errorCode of the error that stopped the comparison early; the next run continues from there."""
    complete: bool
    """True: all subscriptions have been compared, and the next run starts over."""

    def counts(self) -> dict[str, int]:
        """Return the numbers of operations, comparisons and mappings, by metric."""
        results = [operation.result for operation in self.settled]
        conflicts = sum(mapping.problem == "conflict" for mapping in self.mended)
        not_mended = sum(mapping.error_code is not None for mapping in self.mended)
        return {
            "OperationsSettled": sum(result in {"succeeded", "failed"} for result in results),
            "OperationsUnsettled": results.count("unsettled"),
            "SubscriptionsCompared": self.subscriptions_compared,
            "SubscriptionsUnreadable": self.subscriptions_unreadable,
            "MappingsMended": sum(mapping.mended for mapping in self.mended),
            "MappingConflicts": conflicts,
            "MappingsNotMended": not_mended,
            "MappingsNeedAttention": conflicts + not_mended + self.subscriptions_unreadable,
        }
