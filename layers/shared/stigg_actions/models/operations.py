"""What operators ask for and are told: operations that did not succeed, one run again, and the reconciliation."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import ActionRequest, Answer, Model, field_problem
from stigg_actions.models.values import CustomerId, Flag, RecordId, Text, Whole, choice

LONGEST_LIST = 100


class ListOperations(ActionRequest):
    """The request of list-operations."""

    status: Annotated[
        Literal["failed", "unknown", "started"] | None,
        choice("failed", "unknown", "started"),
        Field(description="failed, unknown or started. Left out: all three, or with salesforceRecordId every one."),
    ] = None
    salesforce_record_id: Annotated[
        RecordId | None, Field(description="Only operations that were asked for this record. 15 or 18 characters.")
    ] = None
    customer_id: Annotated[CustomerId | None, Field(description="Only operations of this Stigg customer.")] = None
    limit: Annotated[Whole, Field(ge=1, le=LONGEST_LIST, description="Most operations to tell, 1 to 100.")] = 25
    next_token: Annotated[
        str | None, Field(max_length=4_000, description="nextToken of the answer before, for the ones that follow.")
    ] = None


class OperationView(Model):
    """An operation in the ledger."""

    operation_key: Annotated[str, Field(description="Key of the operation, for replay-operation.")]
    intent: Annotated[int, Field(description="How often the same was wanted anew.")]
    attempt: Annotated[int, Field(description="How often this intent was tried, after what surely had no effect.")]
    kind: Annotated[str, Field(description="What was to be done: provision, cancel, update, grant, ...")]
    status: Annotated[str, Field(description="STARTED, SUCCEEDED, FAILED (surely no effect) or UNKNOWN.")]
    salesforce_org_id: Annotated[str, Field(description="Salesforce organization it was asked from.")]
    salesforce_record_id: Annotated[str | None, Field(description="Salesforce record it was asked for.")] = None
    customer_id: Annotated[str | None, Field(description="Stigg customer.")] = None
    subscription_id: Annotated[str | None, Field(description="Stigg subscription that it is about.")] = None
    correlation_id: Annotated[str, Field(description="Id of the call, for the logs.")]
    started_at: Annotated[datetime, Field(description="When its latest run began.")]
    finished_at: Annotated[datetime | None, Field(description="When it was settled.")] = None
    error_code: Annotated[str | None, Field(description="Why it failed, or is unknown.")] = None
    error_message: Annotated[str | None, Field(description="The same, for people.")] = None
    what_to_do: Annotated[str, Field(description="What an operator can do.")]


class OperationList(Answer):
    """The answer of list-operations."""

    outcome: Annotated[Literal["listed"], Field(description="listed.")]
    operations: Annotated[list[OperationView], Field(description="The operations, newest first.")]
    next_token: Annotated[str | None, Field(description="Given: there are more; send it as nextToken.")] = None


class ReplayOperation(ActionRequest):
    """The request of replay-operation."""

    operation_key: Annotated[Text, Field(description="Key of the operation, as list-operations tells it.")]


class ReplayedOperation(Answer):
    """The answer of replay-operation."""

    outcome: Annotated[
        Literal["replayed", "alreadySucceeded"],
        Field(
            description="replayed (it was run again) or alreadySucceeded (it had been carried out; nothing was done)."
        ),
    ]
    operation: Annotated[OperationView, Field(description="The operation as it stands now.")]
    answer_text: Annotated[str, Field(description="Its answer, as the caller would get it: JSON text.")]


class Reconcile(ActionRequest):
    """The request of reconcile."""

    minimum_age_seconds: Annotated[
        Whole, Field(le=86_400, description="Leave operations alone that were started more recently.")
    ] = 90
    dry_run: Annotated[Flag, Field(description="True: tell what would be done, and write nothing.")] = False
    customer_id: Annotated[
        CustomerId | None,
        Field(description="Compare this customer's subscriptions, not the next in turn."),
    ] = None
    rebuild: Annotated[
        Flag, Field(description="True, with customerId: write the mappings anew that Stigg's metadata tell of.")
    ] = False

    @model_validator(mode="after")
    def _rebuild_of_one(self) -> Self:
        if self.rebuild and self.customer_id is None:
            raise field_problem("customerId", "is required with rebuild: the mappings of one customer are rebuilt")
        return self


class SettledOperation(Model):
    """What became of an operation of unknown outcome."""

    operation_key: Annotated[str, Field(description="Key of the operation.")]
    kind: Annotated[str, Field(description="What was to be done.")]
    result: Annotated[
        Literal["succeeded", "failed", "unsettled", "wouldBeLookedUp"],
        Field(
            description="succeeded (its effect was found), failed (it surely never took effect), unsettled (it cannot "
            "be told yet) or wouldBeLookedUp (dry run)."
        ),
    ]


class MendedMapping(Model):
    """A mapping that did not agree with Stigg."""

    subscription_id: Annotated[str, Field(description="Stigg subscription.")]
    customer_id: Annotated[str, Field(description="Stigg customer.")]
    salesforce_record_id: Annotated[str | None, Field(description="Record that it belongs to.")] = None
    problem: Annotated[
        Literal["missing", "status", "paid", "displaced", "unlisted"],
        Field(
            description="missing (no mapping), status (another status), paid (awaited payment), displaced (its record "
            "leads to one that has ended) or unlisted (rebuild: not among its customer's)."
        ),
    ]
    mended: Annotated[bool, Field(description="False: a dry run, or others were at it; the next run looks again.")]


class Reconciled(Answer):
    """The answer of reconcile."""

    outcome: Annotated[
        Literal["reconciled", "dryRun"], Field(description="reconciled, or dryRun (nothing was written).")
    ]
    settled: Annotated[list[SettledOperation], Field(description="Operations that were looked at.")]
    mended: Annotated[list[MendedMapping], Field(description="Mappings that did not agree with Stigg.")]
    subscriptions_compared: Annotated[int, Field(description="Subscriptions that were compared with their mappings.")]
    complete: Annotated[
        bool, Field(description="True: all subscriptions have been compared, and the next run starts over.")
    ]

    def counts(self) -> dict[str, int]:
        """Return how much was settled, stays unsettled, was compared and mended."""
        results = [one.result for one in self.settled]
        return {
            "OperationsSettled": sum(one in {"succeeded", "failed"} for one in results),
            "OperationsUnsettled": results.count("unsettled"),
            "SubscriptionsCompared": self.subscriptions_compared,
            "MappingsMended": sum(one.mended for one in self.mended),
        }
