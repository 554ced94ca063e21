"""What Stigg answers when it is asked for a price, and of a plan; every part may be missing."""

from datetime import datetime
from decimal import Decimal

from pydantic import Field

from stigg_actions.stigg.wire import Listed, WireModel


class Plan(WireModel):
    """A plan (GET /api/v1/plans/{id}): which product it belongs to, and whether it is FREE, PAID or CUSTOM."""

    id: str
    product_id: str
    pricing_type: str | None = None


class PreviewLine(WireModel):
    """One line of an invoice that there would be; money in whole currency units."""

    description: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    sub_total: Decimal | None = None
    currency: str | None = None


class PreviewInvoice(WireModel):
    """An invoice that there would be; money in whole currency units."""

    total: Decimal | None = None
    sub_total: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    currency: str | None = None
    lines: Listed[PreviewLine] = Field(default_factory=list)


class Period(WireModel):
    """A time, from start to end."""

    start: datetime | None = None
    end: datetime | None = None


class Preview(WireModel):
    """What a subscription would cost (POST /api/v1/subscriptions/preview)."""

    immediate_invoice: PreviewInvoice | None = None
    recurring_invoice: PreviewInvoice | None = None
    billing_period_range: Period | None = None
    is_plan_downgrade: bool | None = None
    has_scheduled_updates: bool | None = None
