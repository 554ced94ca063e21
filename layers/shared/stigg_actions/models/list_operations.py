"""The request and the answer of list-operations."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from stigg_actions.models.base import ActionRequest, Answer, Model
from stigg_actions.models.values import CorrelationId, CustomerId, RecordId, Text, Whole, choice

LONGEST_LIST = 100


class ListOperations(ActionRequest):
    """The request of list-operations."""

    status: Annotated[Literal["failed", "unknown", "started"] | None, choice("failed", "unknown", "started")] = None
    """failed, unknown or started. Left out: all three, or any status with salesforceRecordId, ofCorrelationId or
    operationKey."""
    salesforce_record_id: RecordId | None = None
    """Only operations that were requested for this record. 15 or 18 characters."""
    of_correlation_id: CorrelationId | None = None
    """Only operations that the call with this correlationId ran, for the first time or again. A call that got a stored
    answer (replayed) ran no operation; its log line has the operationKey."""
    operation_key: Text | None = None
    """Only the operation with this key."""
    customer_id: CustomerId | None = None
    """Only operations of this Stigg customer."""
    limit: Annotated[Whole, Field(ge=1, le=LONGEST_LIST)] = 25
    """Maximum number of operations, 1 to 100."""
    next_token: Annotated[str | None, Field(max_length=4_000)] = None
    """nextToken of the previous answer, for the operations that follow."""


class OperationView(Model):
    """An operation in the ledger."""

    operation_key: str
    """Key of the operation, for replay-operation."""
    intent: int
    """Counts how often the same effect was requested, from 1."""
    attempt: int
    """Counts the tries of this intent, from 1. It rises only after a try that had no effect."""
    kind: str
    """Kind of write: provision, cancel, update, grant, ..."""
    status: str
    """STARTED, SUCCEEDED, FAILED (it had no effect) or UNKNOWN (it may have had an effect)."""
    salesforce_org_id: str
    """Salesforce organization that requested it."""
    salesforce_record_id: str | None = None
    """Salesforce record that it was requested for."""
    customer_id: str | None = None
    """Stigg customer."""
    subscription_id: str | None = None
    """Stigg subscription that it concerns."""
    correlation_id: str
    """correlationId of the call that requested it first, for the logs."""
    latest_correlation_id: str | None = None
    """correlationId of the latest call that ran it, if that was another call."""
    started_at: datetime
    """When its latest run began."""
    finished_at: datetime | None = None
    """When it was settled."""
    error_code: str | None = None
    """Code of the error because of which it failed or is unknown."""
    error_message: str | None = None
    """Message of the error."""
    what_to_do: str
    """What an operator can do about it."""
    request: dict[str, Any] | None = None
    """Its request, if operationKey was given: ids, amounts, dates and choices. Names, addresses, metadata and other
    texts are replaced by (not shown)."""


class OperationList(Answer):
    """The answer of list-operations."""

    outcome: Literal["listed"]
    """listed."""
    operations: list[OperationView]
    """The operations, newest first."""
    next_token: str | None = None
    """Present if there are more results; send it as nextToken in the next call."""
