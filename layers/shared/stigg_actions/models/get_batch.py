"""The request of get-batch."""

from typing import Annotated

from pydantic import Field

from stigg_actions.models.base import ActionRequest
from stigg_actions.models.batches import LONGEST_WAIT_SECONDS, MOST_REQUESTS
from stigg_actions.models.values import Whole


class GetBatch(ActionRequest):
    """The request of get-batch."""

    batch_id: Annotated[str, Field(max_length=100)]
    """Id of the batch, as submit-batch returned it."""
    wait_seconds: Annotated[Whole, Field(le=LONGEST_WAIT_SECONDS)] = 0
    """Maximum seconds to wait for the batch to be completed, 0 to 20."""
    limit: Annotated[Whole, Field(ge=1, le=MOST_REQUESTS)] = MOST_REQUESTS
    """Maximum number of results, 1 to 200."""
    next_token: Annotated[str | None, Field(max_length=10)] = None
    """nextToken of the previous answer, for the results that follow."""
