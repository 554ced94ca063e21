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

    action: Annotated[
        Any,
        WithJsonSchema({"type": "string"}),
        Field(description="Name of the action, such as create-subscription. Any action that writes."),
    ] = None
    request: Annotated[
        Any,
        WithJsonSchema({"type": "string"}),
        Field(description="The request as that action takes it: its JSON text, or the object itself."),
    ] = None


def _anything(entry: object) -> object:
    """What is not even an object is the request of nobody knows which action."""
    return entry if isinstance(entry, Mapping) else {"request": entry}


class SubmitBatch(KeyedRequest):
    """The request of submit-batch."""

    longest_body: ClassVar[int] = 4 * 1024 * 1024
    """Lambda takes 6 MB, in which API Gateway writes the body as text in JSON."""

    requests: Annotated[
        list[Annotated[BatchedRequest, BeforeValidator(_anything)]],
        JsonText,
        Field(description="The requests, 1 to 200, in the order in which those of one customer are to be done."),
    ]
    wait_seconds: Annotated[
        Whole,
        Field(le=LONGEST_WAIT_SECONDS, description="Wait so long, at most, for the batch to be completed."),
    ] = 0
    page: Annotated[
        Whole, Field(ge=1, le=MOST_PAGES, description="Which part of a batch of more than 200 requests this is.")
    ] = 1
    pages: Annotated[
        Whole, Field(ge=1, le=MOST_PAGES, description="In how many parts the batch comes; needs idempotencyKey.")
    ] = 1

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

    batch_id: Annotated[str, Field(max_length=100, description="Id of the batch, as submit-batch answered it.")]
    wait_seconds: Annotated[
        Whole,
        Field(le=LONGEST_WAIT_SECONDS, description="Wait so long, at most, for the batch to be completed."),
    ] = 0
    limit: Annotated[Whole, Field(ge=1, le=MOST_REQUESTS, description="Most results to tell, 1 to 200.")] = (
        MOST_REQUESTS
    )
    next_token: Annotated[
        str | None, Field(max_length=10, description="nextToken of the answer before, for the results that follow.")
    ] = None


class RequestProblem(Model):
    """One field of a request and what is wrong with it."""

    field: Annotated[str, Field(description="The field.")]
    problem: Annotated[str, Field(description="What is wrong with it.")]


class BatchResult(Model):
    """What became of one request of a batch."""

    index: Annotated[int, Field(description="Place of the request in the batch, from 0.")]
    action: Annotated[str, Field(description="Name of the action.")]
    success: Annotated[bool, Field(description="True: the action did what was asked.")]
    outcome: Annotated[str | None, Field(description="The action's outcome.")] = None
    error_code: Annotated[str | None, Field(description="Why it failed.")] = None
    error_message: Annotated[str | None, Field(description="The same, for people.")] = None
    retryable: Annotated[
        bool | None, Field(description="True: it was tried again and again, and given up; it may work later.")
    ] = None
    details: Annotated[list[RequestProblem] | None, Field(description="Fields of the request that are wrong.")] = None
    salesforce_record_id: Annotated[str | None, Field(description="Salesforce record of the request.")] = None
    customer_id: Annotated[str | None, Field(description="Stigg customer.")] = None
    subscription_id: Annotated[str | None, Field(description="Stigg subscription.")] = None
    grant_id: Annotated[str | None, Field(description="Stigg credit grant.")] = None
    answer_text: Annotated[str, Field(description="The action's whole answer, as JSON text.")]


class BatchProgress(Answer):
    """The answer of submit-batch and get-batch."""

    outcome: Annotated[
        Literal["running", "completed"],
        Field(description="running, or completed (every request has its result)."),
    ]
    batch_id: Annotated[str, Field(description="Id of the batch, for get-batch.")]
    total: Annotated[int, Field(description="Requests of the batch, as far as its pages have come.")]
    done: Annotated[int, Field(description="Requests that have a result.")]
    succeeded: Annotated[int, Field(description="Of these, requests that succeeded.")]
    failed: Annotated[int, Field(description="Of these, requests that failed.")]
    left: Annotated[int, Field(description="Requests that are still to be done.")]
    estimated_seconds: Annotated[
        int | None, Field(description="About how long those take; absent once the batch is completed.")
    ] = None
    missing_pages: Annotated[list[int] | None, Field(description="Pages that have not come yet.")] = None
    submitted_at: Annotated[datetime, Field(description="When the batch was submitted.")]
    completed_at: Annotated[datetime | None, Field(description="When the last request got its result.")] = None
    expires_at: Annotated[datetime, Field(description="When the batch and its results are forgotten.")]
    results: Annotated[
        list[BatchResult],
        Field(description="Results so far, in the order of the requests; a request that has none yet is left out."),
    ]
    next_token: Annotated[str | None, Field(description="Given: there are more; send it as nextToken.")] = None
