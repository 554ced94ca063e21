"""The segments of a ramp, as answers show them."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from stigg_actions.models.base import Model
from stigg_actions.models.subscription_data import AddonQuantity


class SegmentEntitlement(Model):
    """An entitlement of a segment."""

    id: str
    """Id of the feature or credit currency."""
    type: str | None = None
    """FEATURE for a feature, CREDIT for credits."""
    quantity: Decimal | None = None
    """Limit of the feature, or amount of credits. Absent if it has none."""
    unlimited: bool | None = None
    """True: usage has no limit."""


class RampSegment(Model):
    """A segment of a ramp, with the terms that it was sold with. An amendment since is not shown here."""

    state: Literal["done", "current", "waiting", "refused", "passedOver", "canceled"]
    """done, current (in force), waiting (applied within minutes when it begins), refused (it has begun, and Stigg
    refused it or awaits a payment: see operationKey), passedOver (a later segment had begun before it was applied) or
    canceled (does not take place)."""
    start_date: datetime | None = None
    """Start of the segment. Absent if it began before the ramp was sold."""
    end_date: datetime | None = None
    """End of the segment: the start of the next one, or the end of the ramp."""
    unit_quantity: int | None = None
    """Units of the plan. Absent: one."""
    base_charge: Decimal | None = None
    """Price that replaces the base charge of the plan."""
    base_charge_currency: str | None = None
    """Currency of that price."""
    addons: list[AddonQuantity]
    """Add-ons and their quantities."""
    entitlements: list[SegmentEntitlement]
    """Entitlements in addition to those of the plan."""
    applied_at: datetime | None = None
    """When it came into force."""
    operation_key: str | None = None
    """State refused: key of the operation for list-operations and replay-operation."""
    error_code: str | None = None
    """State refused: errorCode of the operation, unless it awaits a payment."""
