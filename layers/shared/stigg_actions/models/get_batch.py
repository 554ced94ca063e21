"""The request of get-batch."""

from typing import Annotated

from pydantic import Field

from stigg_actions.models.base import ActionRequest
from stigg_actions.models.batches import LONGEST_WAIT_SECONDS, MOST_REQUESTS
from stigg_actions.models.values import Whole


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
