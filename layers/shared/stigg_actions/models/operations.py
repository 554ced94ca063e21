"""What operators ask for and are told: operations that did not succeed, one run again, and the reconciliation."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import ActionRequest, Answer, Model, field_problem
from stigg_actions.models.values import CorrelationId, CustomerId, Flag, RecordId, Text, Whole, choice

LONGEST_LIST = 100


class ListOperations(ActionRequest):
    """The request of list-operations."""

    status: Annotated[Literal["failed", "unknown", "started"] | None, choice("failed", "unknown", "started")] = None
    """failed, unknown or started. Left out: all three, or with salesforceRecordId, ofCorrelationId or operationKey
    every one."""
    salesforce_record_id: RecordId | None = None
    """Only operations that were asked for this record. 15 or 18 characters."""
    of_correlation_id: CorrelationId | None = None
    """Only operations that the call with this correlationId ran, first or again. A call that was given a stored answer
    (replayed) ran none: its line in the log has the operationKey."""
    operation_key: Text | None = None
    """Only the operation with this key."""
    customer_id: CustomerId | None = None
    """Only operations of this Stigg customer."""
    limit: Annotated[Whole, Field(ge=1, le=LONGEST_LIST)] = 25
    """Most operations to tell, 1 to 100."""
    next_token: Annotated[str | None, Field(max_length=4_000)] = None
    """nextToken of the answer before, for the ones that follow."""


class OperationView(Model):
    """An operation in the ledger."""

    operation_key: str
    """Key of the operation, for replay-operation."""
    intent: int
    """How often the same was wanted anew."""
    attempt: int
    """How often this intent was tried, after what surely had no effect."""
    kind: str
    """What was to be done: provision, cancel, update, grant, ..."""
    status: str
    """STARTED, SUCCEEDED, FAILED (surely no effect) or UNKNOWN."""
    salesforce_org_id: str
    """Salesforce organization it was asked from."""
    salesforce_record_id: str | None = None
    """Salesforce record it was asked for."""
    customer_id: str | None = None
    """Stigg customer."""
    subscription_id: str | None = None
    """Stigg subscription that it is about."""
    correlation_id: str
    """Id of the call that asked for it first, for the logs."""
    latest_correlation_id: str | None = None
    """Id of the latest call that ran it, if that was another one."""
    started_at: datetime
    """When its latest run began."""
    finished_at: datetime | None = None
    """When it was settled."""
    error_code: str | None = None
    """Why it failed, or is unknown."""
    error_message: str | None = None
    """The same, for people."""
    what_to_do: str
    """What an operator can do."""


class OperationList(Answer):
    """The answer of list-operations."""

    outcome: Literal["listed"]
    """listed."""
    operations: list[OperationView]
    """The operations, newest first."""
    next_token: str | None = None
    """Given: there are more; send it as nextToken."""


class ReplayOperation(ActionRequest):
    """The request of replay-operation."""

    operation_key: Text
    """Key of the operation, as list-operations tells it."""
    force: Flag = False
    """True: run it even if something newer was done for the same record since, which it may undo."""


class ReplayedOperation(Answer):
    """The answer of replay-operation."""

    outcome: Literal["replayed", "alreadySucceeded", "superseded"]
    """replayed (it was run again), alreadySucceeded (it had been carried out; nothing was done) or superseded
    (something newer was done since, which answerText names; nothing was done: send force to run it all the same)."""
    operation: OperationView
    """The operation as it stands now."""
    answer_text: str
    """Its answer, as the caller would get it: JSON text."""


class Reconcile(ActionRequest):
    """The request of reconcile."""

    longest_seconds: ClassVar[float] = 240.0

    minimum_age_seconds: Annotated[Whole, Field(le=86_400)] = 90
    """Leave operations alone that were started more recently."""
    dry_run: Flag = False
    """True: tell what would be done, and write nothing."""
    customer_id: CustomerId | None = None
    """Compare this customer's subscriptions, not the next in turn."""
    scheduled: Flag = False
    """True, as the schedule sends it: an account of over 1,000 subscriptions rests between two rounds of comparison, of
    10,000 for 45 minutes and never for longer than 50."""
    rebuild: Flag = False
    """True, with customerId: write the mappings anew that Stigg's metadata tell of."""

    @model_validator(mode="after")
    def _rebuild_of_one(self) -> Self:
        if self.rebuild and self.customer_id is None:
            raise field_problem("customerId", "is required with rebuild: the mappings of one customer are rebuilt")
        return self


class SettledOperation(Model):
    """What became of an operation of unknown outcome."""

    operation_key: str
    """Key of the operation."""
    kind: str
    """What was to be done."""
    result: Literal["succeeded", "failed", "unsettled", "wouldBeLookedUp"]
    """succeeded (its effect was found), failed (it surely never took effect), unsettled (it cannot be told yet) or
    wouldBeLookedUp (dry run)."""


class MendedMapping(Model):
    """A mapping that did not agree with Stigg."""

    subscription_id: str
    """Stigg subscription."""
    customer_id: str
    """Stigg customer."""
    salesforce_record_id: str | None = None
    """Record that it belongs to."""
    problem: Literal["missing", "status", "paid", "lapsed", "displaced", "unlisted", "conflict"]
    """missing (no mapping), status (another status), paid (awaited payment), lapsed (ended before it was paid),
    displaced (its record has none that runs), unlisted (rebuild: not among its customer's) or conflict (its record has
    another one that runs, or an operation ended its record's: cancel the one that is not wanted)."""
    mended: bool
    """False: a dry run, a conflict, a write was under way, or errorCode; the next round looks again."""
    error_code: str | None = None
    """Why it could not be mended."""


class UnreadableSubscription(Model):
    """A subscription in Stigg's list that was skipped."""

    subscription_id: str | None = None
    """Stigg subscription, if it has a readable id."""
    fields: list[str]
    """What in it is not as it must be."""


class Reconciled(Answer):
    """The answer of reconcile."""

    outcome: Literal["reconciled", "dryRun"]
    """reconciled, or dryRun (nothing was written)."""
    settled: list[SettledOperation]
    """Operations that were looked at."""
    mended: list[MendedMapping]
    """Mappings that did not agree with Stigg."""
    subscriptions_compared: int
    """Subscriptions that were compared with their mappings."""
    subscriptions_unreadable: int = 0
    """Subscriptions in Stigg's list that cannot be read, and were skipped."""
    unreadable: list[UnreadableSubscription] | None = None
    """The first 100 of them."""
    stopped_by: str | None = None
    """errorCode of what ended the comparison before its time; the next run goes on from there."""
    complete: bool
    """True: all subscriptions have been compared, and the next run starts over."""

    def counts(self) -> dict[str, int]:
        """Return how much was settled, stays unsettled, was compared and mended, and could not be read or mended."""
        results = [one.result for one in self.settled]
        conflicts = sum(one.problem == "conflict" for one in self.mended)
        not_mended = sum(one.error_code is not None for one in self.mended)
        return {
            "OperationsSettled": sum(one in {"succeeded", "failed"} for one in results),
            "OperationsUnsettled": results.count("unsettled"),
            "SubscriptionsCompared": self.subscriptions_compared,
            "SubscriptionsUnreadable": self.subscriptions_unreadable,
            "MappingsMended": sum(one.mended for one in self.mended),
            "MappingConflicts": conflicts,
            "MappingsNotMended": not_mended,
            "MappingsNeedAttention": conflicts + not_mended + self.subscriptions_unreadable,
        }
