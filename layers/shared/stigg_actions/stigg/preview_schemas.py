"""Stigg's answers about prices and plans. Every part may be missing."""

from typing import Literal

from pydantic import Field

from stigg_actions.stigg.schema_values import Amount, Flag, Lenient, Listed, Said, ShownMoment, Word
from stigg_actions.stigg.schemas import WireModel


class Plan(WireModel):
    """A plan (GET /api/v1/plans/{id}): which product it belongs to, and whether it is FREE, PAID or CUSTOM."""

    id: Word
    product_id: Word
    pricing_type: Said = None


type Collection = Literal["addons", "credits/custom-currencies", "features", "plans"]
"""A list of Stigg's catalog."""


class CatalogItem(WireModel):
    """An add-on, credit currency, feature or plan, as Stigg lists it (GET /api/v1/plans, for example)."""

    id: Word


class PreviewLine(WireModel):
    """One line of a previewed invoice; money in whole currency units."""

    description: Said = None
    quantity: Amount = None
    unit_price: Amount = None
    sub_total: Amount = None
    currency: Said = None


class PreviewInvoice(WireModel):
    """A previewed invoice; money in whole currency units."""

    total: Amount = None
    sub_total: Amount = None
    discount: Amount = None
    tax: Amount = None
    currency: Said = None
    lines: Listed[PreviewLine] = Field(default_factory=list)


class Period(WireModel):
    """A period from start to end."""

    start: ShownMoment = None
    end: ShownMoment = None


class Preview(WireModel):
    """What a subscription would cost (POST /api/v1/subscriptions/preview)."""

    immediate_invoice: PreviewInvoice | None = None
    recurring_invoice: PreviewInvoice | None = None
    billing_period_range: Lenient[Period] = None
    is_plan_downgrade: Flag = None
    has_scheduled_updates: Flag = None
