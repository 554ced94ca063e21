"""The request of submit-batch."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from stigg_actions.models.base import KeyedRequest, Model, field_problem
from stigg_actions.models.batches import LONGEST_WAIT_SECONDS, MOST_REQUESTS
from stigg_actions.models.values import JsonText, Whole

MOST_PAGES = 10
"""Pages of one batch."""


class BatchedRequest(Model):
    """One request of a batch. It is checked apart from the others, so anything is taken here."""

    model_config = ConfigDict(extra="allow")

    action: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    """Name of the action, such as create-subscription. Any action that writes."""
    request: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    """The request as that action takes it: its JSON text, or the object itself."""


def _anything(entry: object) -> object:
    """Return an entry that is no object as a request without an action."""
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
