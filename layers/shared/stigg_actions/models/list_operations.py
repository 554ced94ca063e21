"""The request and the answer of list-operations."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from stigg_actions.models.base import ActionRequest, Answer, Model
from stigg_actions.models.values import CorrelationId, CustomerId, RecordId, Text, Whole, choice

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
