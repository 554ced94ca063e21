"""Compare the mapping of a record with what Stigg has now."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from console.web.words import moment

type Item = Mapping[str, Any]

_FIELDS = (
    ("customerId", "Customer"),
    ("subscriptionId", "Subscription"),
    ("planId", "Plan"),
    ("status", "Status"),
    ("resourceId", "Resource"),
    ("cancellationDate", "Cancellation date"),
    ("trialEndDate", "End of the trial"),
    ("endDate", "End date"),
)
_KEPT_BY_WEBHOOKS = {"endDate"}
"""The mapping has it only if a webhook reported it."""


class Compared(NamedTuple):
    """One field on both sides."""

    name: str
    in_mapping: str
    in_stigg: str
    differs: bool


def compared(found: Item) -> list[Compared]:
    """Return every field that the mapping or Stigg has of a record that get-subscription found."""
    mapping, live = found.get("mapping"), {**(found.get("subscription") or {}), **_identity(found)}
    if mapping is None:
        return []
    return [
        Compared(name, _text(mapping.get(field)), _text(live.get(field)), _differs(field, mapping, live))
        for field, name in _FIELDS
        if mapping.get(field) or live.get(field)
    ]


def _identity(found: Item) -> dict[str, Any]:
    return {field: found.get(field) for field in ("customerId", "subscriptionId", "planId", "status")}


def _differs(field: str, mapping: Item, live: Item) -> bool:
    stored, present = mapping.get(field), live.get(field)
    if field in _KEPT_BY_WEBHOOKS and not stored:
        return False
    return _comparable(field, stored) != _comparable(field, present)


def _comparable(field: str, value: object) -> object:
    return moment(str(value)) if value and field.endswith("Date") else value


def _text(value: object) -> str:
    return str(value) if value else "-"
