"""What operators ask of forget-customer, and what it answers."""

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
    """nextToken of the answer before, to go on from there."""


class ForgottenCustomer(Answer):
    """The answer of forget-customer."""

    outcome: Literal["forgotten", "wouldForget"]
    """forgotten, or wouldForget (dry run)."""
    customer_id: str
    """Stigg customer."""
    complete: bool
    """True: this call reached the end of the tables. False: call again with nextToken."""
    operations: int
    """Operations of the ledger whose request, and what their answer or error says of people, were removed."""
    subscriptions: int
    """Subscriptions whose billing address, tax ids and the like were removed from the terms kept here."""
    batch_requests: int
    """Requests of batches that were removed, with what their results say of people."""
    unsettled: int
    """Operations and batch requests that are not done yet and were left alone; call again once they are."""
    next_token: str | None = None
    """Given: the end was not reached; send it as nextToken."""
