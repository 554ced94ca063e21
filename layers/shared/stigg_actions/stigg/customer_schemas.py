"""Stigg's answers about customers, credits and usage, as far as they are read here."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from stigg_actions.stigg.schema_values import Amount, Lenient, Listed, Metadata, Said, ShownMoment, Word
from stigg_actions.stigg.schemas import WireModel


class Link(WireModel):
    """A customer's link to another system."""

    id: Word
    synced_entity_id: Said = None
    vendor_identifier: Word


class Customer(WireModel):
    """A customer (GET, POST and PATCH /api/v1/customers), with all fields of Stigg's answer."""

    id: Word
    metadata: Metadata = Field(default_factory=dict)
    integrations: Listed[Link] = Field(default_factory=list)
    model_config = ConfigDict(extra="allow")

    def field(self, name: str) -> Any:
        """Return a field by its JSON name, None if Stigg's answer does not have it."""
        known = {"metadata": self.metadata, "integrations": self.links}
        return known.get(name, (self.model_extra or {}).get(name))

    @property
    def links(self) -> list[dict[str, Any]]:
        """The links to other systems, as PATCH expects them."""
        return [link.model_dump(by_alias=True) for link in self.integrations]


class GrantInvoice(WireModel):
    """The invoice of a paid grant."""

    payment_url: Said = None


class CreditGrant(WireModel):
    """A credit grant (POST and GET /api/v1/credits/grants, POST .../{id}/void)."""

    id: Word
    customer_id: Word
    currency_id: Word
    amount: Amount = None
    consumed_amount: Amount = None
    status: Word
    effective_at: ShownMoment = None
    expire_at: ShownMoment = None
    voided_at: ShownMoment = None
    latest_invoice: Lenient[GrantInvoice] = None
    metadata: Metadata = Field(default_factory=dict)

    @property
    def is_voided(self) -> bool:
        """Whether it was voided."""
        return self.status == "VOIDED"


class Measurement(WireModel):
    """A report of usage that Stigg has counted, and the usage of its feature since."""

    current_usage: Amount = None
    usage_period_start: ShownMoment = None
    usage_period_end: ShownMoment = None


class Measurements(WireModel):
    """The answer to reports of usage (POST /api/v1/usage): one measurement for each."""

    data: Annotated[list[Measurement], Field(min_length=1)]
