"""The request and the answer of import-customer."""

from typing import Any, Literal

from stigg_actions.models.base import Answer, CustomerRequest, SupersededAnswer
from stigg_actions.models.imports import ImportFields
from stigg_actions.models.values import Email, Metadata, Text

_SENT = {"name", "email", "billing_id", "metadata"}


class ImportCustomer(ImportFields, CustomerRequest):
    """The request of import-customer. Without customerId, the id of the account becomes the customer id."""

    name: Text | None = None
    """Name of the customer."""
    email: Email | None = None
    """E-mail address of the customer."""
    billing_id: Text | None = None
    """Id of the customer at the billing provider."""
    metadata: Metadata | None = None
    """Metadata of the customer, key by key."""

    def details(self) -> dict[str, Any]:
        """Return the fields of the customer under their names in Stigg."""
        return self.to_json_fields(include=_SENT)


class ImportedCustomer(SupersededAnswer, Answer):
    """The answer of import-customer."""

    outcome: Literal["imported", "unchanged", "dryRun", "superseded"]
    """imported, unchanged (Stigg has the customer already; it was left as it is), dryRun (nothing was changed; the
    request would import the customer) or superseded (skipped, because a change newer than asOf was made)."""
    customer_id: str
    """Stigg customer id."""
    customer_url: str | None = None
    """URL of the customer in the Stigg app, if configured."""
    differing_fields: list[str] | None = None
    """Outcome unchanged: fields of the request whose values differ from those in Stigg. To change them there, send them
    to create-customer."""
