"""What the requests and answers of batches share."""

from datetime import datetime
from typing import Literal

from stigg_actions.models.base import Answer, Model

MOST_REQUESTS = 200
"""Maximum requests of one page: Salesforce passes up to 200 records to a Flow at once."""

LONGEST_WAIT_SECONDS = 20


class RequestProblem(Model):
    """One field of a request and what is wrong with it."""

    field: str
    """Name of the field."""
    problem: str
    """What is wrong with it."""


class BatchResult(Model):
    """What became of one request of a batch."""

    index: int
    """Place of the request in the batch, from 0."""
    action: str
    """Name of the action."""
    success: bool
    """True: the action did what was asked."""
    outcome: str | None = None
    """The action's outcome."""
    error_code: str | None = None
    """Code of the error, if it failed."""
    error_message: str | None = None
    """Message of the error."""
    retryable: bool | None = None
    """True: it was given up after several tries, and may succeed later."""
    details: list[RequestProblem] | None = None
    """Invalid fields of the request."""
    salesforce_record_id: str | None = None
    """Salesforce record of the request."""
    customer_id: str | None = None
    """Stigg customer."""
    subscription_id: str | None = None
    """Stigg subscription."""
    grant_id: str | None = None
    """Stigg credit grant."""
    answer_text: str
    """The action's complete answer, as JSON text."""


class BatchProgress(Answer):
    """The answer of submit-batch and get-batch."""

    outcome: Literal["running", "completed"]
    """running, or completed (every request has its result)."""
    batch_id: str
    """Id of the batch, for get-batch."""
    total: int
    """Requests of the batch, in the pages received so far."""
    done: int
    """Requests that have a result."""
    succeeded: int
    """Of these, requests that succeeded."""
    failed: int
    """Of these, requests that failed."""
    left: int
    """Requests that are still to be done."""
    estimated_seconds: int | None = None
    """Estimated seconds until the batch is completed; absent once it is."""
    missing_pages: list[int] | None = None
    """Numbers of the pages that have not been received yet."""
    submitted_at: datetime
    """When the batch was submitted."""
    completed_at: datetime | None = None
    """When the last request got its result."""
    expires_at: datetime
    """When the batch and its results are deleted."""
    results: list[BatchResult]
    """Results so far, in the order of the requests. Requests without a result are left out."""
    next_token: str | None = None
    """Present if there are more results; send it as nextToken in the next call."""
