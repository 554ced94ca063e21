"""The request and the answer of archive-customer."""

from datetime import datetime
from typing import Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import Answer, CustomerRequest, SupersededAnswer, field_problem
from stigg_actions.models.values import Flag


class ArchiveCustomer(CustomerRequest):
    """The request of archive-customer."""

    restore: Flag = False
    """True: restore an archived customer, so that it can have subscriptions and credits again. Its former subscriptions
    stay canceled."""
    cancel_subscriptions: Flag = False
    """True: archive the customer although it has subscriptions. Stigg cancels them at once."""

    @model_validator(mode="after")
    def _cancel_only_to_archive(self) -> Self:
        if self.restore and self.cancel_subscriptions:
            raise field_problem("cancelSubscriptions", "is not possible with restore; leave one of them out")
        return self


class ArchivedCustomer(SupersededAnswer, Answer):
    """The answer of archive-customer."""

    outcome: Literal["archived", "restored", "unchanged", "superseded"]
    """archived, restored, unchanged (it was so already) or superseded (skipped, because the customer was changed from
    newer data than asOf)."""
    customer_id: str
    """Stigg customer id."""
    customer_url: str | None = None
    """Page of the customer in the Stigg app. Absent if the environment's secret has no environmentSlug."""
    archived: bool
    """Whether the customer is archived now."""
    archived_at: datetime | None = None
    """When the customer was archived, if it is."""
    canceled_subscription_ids: list[str] | None = None
    """Subscriptions that Stigg canceled because the customer was archived."""
