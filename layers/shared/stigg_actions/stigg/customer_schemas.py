"""Stigg's answers about customers, credits and usage, as far as they are read here."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from stigg_actions.stigg.schema_values import (
    Amount,
    Flag,
    Lenient,
    Listed,
    Metadata,
    Moment,
    Said,
    ShownMoment,
    Word,
)
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
    created_at: ShownMoment = None
    archived_at: ShownMoment = None
    model_config = ConfigDict(extra="allow")

    def field(self, name: str) -> Any:
        """Return a field by its JSON name, None if Stigg's answer does not have it."""
        known = {"metadata": self.metadata, "integrations": self.links, "archivedAt": self.archived_at}
        return known.get(name, (self.model_extra or {}).get(name))

    @property
    def is_archived(self) -> bool:
        """Whether it is archived."""
        return self.archived_at is not None

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


class ResetAnchor(WireModel):
    """From when the periods of a limit are counted."""

    according_to: Said = None


class PromotionalEntitlement(WireModel):
    """A feature that a customer has outside of its subscriptions (/api/v1/customers/{id}/promotional-entitlements)."""

    id: Word
    feature_id: Word
    status: Word
    period: Said = None
    start_date: ShownMoment = None
    end_date: Moment = None
    updated_at: ShownMoment = None
    usage_limit: Amount = None
    has_unlimited_usage: Flag = None
    has_soft_limit: Flag = None
    is_visible: Flag = None
    enum_values: Listed[Word] = Field(default_factory=list)
    reset_period: Said = None
    reset_period_configuration: Lenient[ResetAnchor] = None

    def is_in_force(self, now: datetime) -> bool:
        """Whether it has not expired; Stigg still lists one that has."""
        return self.status != "Expired" and (self.end_date is None or self.end_date > now)


class Granted(WireModel):
    """The promotional entitlements that one request has granted."""

    data: list[PromotionalEntitlement] = Field(min_length=1, max_length=1)
