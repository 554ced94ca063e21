"""What Stigg knows of one customer besides its subscriptions and grants. Only get-customer imports it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stigg_actions.stigg.request import in_path
from stigg_actions.stigg.schema_values import Amount, Flag, Lenient, Listed, Said, ShownMoment, Word
from stigg_actions.stigg.schemas import WireModel

if TYPE_CHECKING:
    from stigg_actions.stigg.client import Stigg


class Feature(WireModel):
    """The feature of an entitlement."""

    id: Word
    display_name: Said = None


class Currency(WireModel):
    """The credit currency of an entitlement."""

    currency_id: Word
    display_name: Said = None


class Entitlement(WireModel):
    """An entitlement to a feature or to credits, with its usage. Reserved credits are part of ``current_usage``."""

    type: Word
    is_granted: Flag = None
    access_denied_reason: Said = None
    feature: Lenient[Feature] = None
    currency: Lenient[Currency] = None
    usage_limit: Amount = None
    current_usage: Amount = None
    has_unlimited_usage: Flag = None
    reset_period: Said = None
    usage_period_end: ShownMoment = None


class Entitlements(WireModel):
    """What a customer may use (GET /api/v1/customers/{id}/entitlements)."""

    entitlements: Listed[Entitlement]


class Invoice(WireModel):
    """An invoice of a customer (GET /api/v1/customers/{id}/invoices); money in whole currency units."""

    invoice_id: str
    state: Said = None
    total: Amount = None
    currency: Said = None
    due_date: ShownMoment = None

    @property
    def id(self) -> str:
        """Its id at the billing provider."""
        return self.invoice_id


def entitlements_of(stigg: "Stigg", customer_id: str, resource_id: str | None) -> list[Entitlement]:
    """Read what a customer may use, on one resource or on none: GET /api/v1/customers/{id}/entitlements."""
    query = {"resourceId": resource_id} if resource_id else {}
    return stigg.read(Entitlements, _path(customer_id, "entitlements"), f"customer {customer_id}", query).entitlements


def open_invoices_of(stigg: "Stigg", customer_id: str) -> Iterator[Invoice]:
    """Read a customer's open invoices: GET /api/v1/customers/{id}/invoices. Some billing providers have no list."""
    path, subject = _path(customer_id, "invoices"), f"invoices of customer {customer_id}"
    return stigg.whole_list(Invoice, path, {"stateIn": "OPEN"}, subject)


def _path(customer_id: str, tail: str) -> str:
    return f"/api/v1/customers/{in_path(customer_id)}/{tail}"
