"""The request and the answer of forget-customer."""

from typing import Annotated, Literal

from pydantic import Field

from stigg_actions.models.base import ActionRequest, Answer
from stigg_actions.models.values import CustomerId, Flag


class ForgetCustomer(ActionRequest):
    """The request of forget-customer."""

    customer_id: CustomerId
    """Stigg customer whose personal data is to be removed."""
    dry_run: Flag = False
    """True: count what would be removed, and change nothing."""
    next_token: Annotated[str | None, Field(max_length=4_000)] = None
    """nextToken of the previous answer, to continue from there."""


class ForgottenCustomer(Answer):
    """The answer of forget-customer."""

    outcome: Literal["forgotten", "wouldForget"]
    """forgotten, or wouldForget (dry run)."""
    customer_id: str
    """Stigg customer."""
    complete: bool
    """True: this call reached the end of the tables. False: call again with nextToken."""
    operations: int
    """Operations of the ledger whose request, and the personal data in their answer or error, were removed."""
    subscriptions: int
    """Subscriptions from whose stored terms personal data was removed, such as billing address and tax ids."""
    batch_requests: int
    """Requests of batches that were removed, with the personal data in their results."""
    unsettled: int
    """Operations and batch requests that are not finished and were left unchanged; call again when they are
    finished."""
    next_token: str | None = None
    """Present if the end was not reached; send it as nextToken in the next call."""
