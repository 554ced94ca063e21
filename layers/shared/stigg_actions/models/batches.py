"""Batches: many requests in one callout, and what became of each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from stigg_actions.models.base import ActionRequest, Answer, KeyedRequest, Model, field_problem
from stigg_actions.models.values import JsonText, Whole

MOST_REQUESTS = 200
"""Requests of one page: as many records as Salesforce hands to a Flow at once."""

MOST_PAGES = 10
"""Pages of one batch."""

LONGEST_WAIT_SECONDS = 20


class BatchedRequest(Model):
    """One request of a batch. It is checked apart from the others, so anything is taken here."""

    model_config = ConfigDict(extra="allow")

    action: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    """Name of the action, such as create-subscription. Any action that writes."""
    request: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    """The request as that action takes it: its JSON text, or the object itself."""


def _anything(entry: object) -> object:
    """What is not even an object is the request of nobody knows which action."""
    return entry if isinstance(entry, Mapping) else {"request": entry}


class SubmitBatch(KeyedRequest):
    """The request of submit-batch."""

    longest_body: ClassVar[int] = 4 * 1024 * 1024
    """Lambda takes 6 MB, in which API Gateway writes the body as text in JSON."""

    requests: Annotated[list[Annotated[BatchedRequest, BeforeValidator(_anything)]], JsonText]
    """The requests, 1 to 200, in the order in which those of one customer are to be done."""
    wait_seconds: Annotated[Whole, Field(le=LONGEST_WAIT_SECONDS)] = 0
    """Wait so long, at most, for the batch to be completed."""
    page: Annotated[Whole, Field(ge=1, le=MOST_PAGES)] = 1
    """Which part of a batch of more than 200 requests this is."""
    pages: Annotated[Whole, Field(ge=1, le=MOST_PAGES)] = 1
    """In how many parts the batch comes; needs idempotencyKey."""

    @model_validator(mode="after")
    def _a_page_full(self) -> Self:
        if not 1 <= len(self.requests) <= MOST_REQUESTS:
            raise field_problem("requests", f"must hold 1 to {MOST_REQUESTS} requests; send more as further pages")
        return self

    @model_validator(mode="after")
    def _a_page_of_one_batch(self) -> Self:
        if self.page > self.pages:
            raise field_problem("page", f"is {self.page} of {self.pages} pages; give pages, or correct page")
        if self.pages > 1 and self.idempotency_key is None:
            raise field_problem("idempotencyKey", "is required with pages: it tells which pages are one batch")
        return self


class GetBatch(ActionRequest):
    """The request of get-batch."""

    batch_id: Annotated[str, Field(max_length=100)]
    """Id of the batch, as submit-batch answered it."""
    wait_seconds: Annotated[Whole, Field(le=LONGEST_WAIT_SECONDS)] = 0
    """Wait so long, at most, for the batch to be completed."""
    limit: Annotated[Whole, Field(ge=1, le=MOST_REQUESTS)] = MOST_REQUESTS
    """Most results to tell, 1 to 200."""
    next_token: Annotated[str | None, Field(max_length=10)] = None
    """nextToken of the answer before, for the results that follow."""


class RequestProblem(Model):
    """One field of a request and what is wrong with it."""

    field: str
    """The field."""
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
    """Why it failed."""
    error_message: str | None = None
    """The same, for people."""
    retryable: bool | None = None
    """True: it was tried again and again, and given up; it may work later."""
    details: list[RequestProblem] | None = None
    """Fields of the request that are wrong."""
    salesforce_record_id: str | None = None
    """Salesforce record of the request."""
    customer_id: str | None = None
    """Stigg customer."""
    subscription_id: str | None = None
    """Stigg subscription."""
    grant_id: str | None = None
    """Stigg credit grant."""
    answer_text: str
    """The action's whole answer, as JSON text."""


class BatchProgress(Answer):
    """The answer of submit-batch and get-batch."""

    outcome: Literal["running", "completed"]
    """running, or completed (every request has its result)."""
    batch_id: str
    """Id of the batch, for get-batch."""
    total: int
    """Requests of the batch, as far as its pages have come."""
    done: int
    """Requests that have a result."""
    succeeded: int
    """Of these, requests that succeeded."""
    failed: int
    """Of these, requests that failed."""
    left: int
    """Requests that are still to be done."""
    estimated_seconds: int | None = None
    """About how long those take; absent once the batch is completed."""
    missing_pages: list[int] | None = None
    """Pages that have not come yet."""
    submitted_at: datetime
    """When the batch was submitted."""
    completed_at: datetime | None = None
    """When the last request got its result."""
    expires_at: datetime
    """When the batch and its results are forgotten."""
    results: list[BatchResult]
    """Results so far, in the order of the requests; a request that has none yet is left out."""
    next_token: str | None = None
    """Given: there are more; send it as nextToken."""
