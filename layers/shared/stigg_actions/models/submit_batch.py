"""The request of submit-batch."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from stigg_actions.models.base import KeyedRequest, Model, field_problem
from stigg_actions.models.batches import LONGEST_WAIT_SECONDS, MOST_REQUESTS
from stigg_actions.models.values import JsonText, Whole

MOST_PAGES = 10
"""Maximum pages of one batch."""


class BatchedRequest(Model):
    """One request of a batch. Any value is accepted here: each request is validated separately from the others."""

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
    """Lambda accepts 6 MB, which include the body as escaped JSON text."""

    requests: Annotated[list[Annotated[BatchedRequest, BeforeValidator(_anything)]], JsonText]
    """The requests, 1 to 200. Those of one customer are carried out in this order."""
    wait_seconds: Annotated[Whole, Field(le=LONGEST_WAIT_SECONDS)] = 0
    """Maximum seconds to wait for the batch to be completed, 0 to 20."""
    page: Annotated[Whole, Field(ge=1, le=MOST_PAGES)] = 1
    """Number of this page, 1 to 10, if the batch has more than 200 requests."""
    pages: Annotated[Whole, Field(ge=1, le=MOST_PAGES)] = 1
    """Number of pages of the batch, 1 to 10. More than 1 needs idempotencyKey."""

    @model_validator(mode="after")
    def _a_page_full(self) -> Self:
        if not 1 <= len(self.requests) <= MOST_REQUESTS:
            raise field_problem("requests", f"must have 1 to {MOST_REQUESTS} requests; send more as further pages")
        return self

    @model_validator(mode="after")
    def _a_page_of_one_batch(self) -> Self:
        if self.page > self.pages:
            raise field_problem("page", f"is {self.page} of {self.pages} pages; correct page or pages")
        if self.pages > 1 and self.idempotency_key is None:
            raise field_problem(
                "idempotencyKey", "is required with pages, because it shows which pages belong to one batch"
            )
        return self
