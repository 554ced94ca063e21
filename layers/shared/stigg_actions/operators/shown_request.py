"""Show an operation's request to operators: its ids, amounts, dates and choices, without what people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN = "(not shown)"
"""In place of a text that may name a person."""

_FREE = frozenset({"billingAddress", "billingInformation", "checkoutOptions", "metadata", "payload", "shippingAddress"})
"""Objects that hold addresses, tax ids or the caller's own names and values."""

_ENDINGS = ("Id", "Ids", "Date", "At", "Time", "When", "Period", "Method", "Mode", "Type", "Behavior", "Currency", "Of")
"""Ends of the names of fields whose texts are ids, dates or one of few words."""

_NAMES = frozenset({"id", "ids", "currency", "cadence", "removed", "decision", "outcome", "status"})


def shown(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request in which everything that may name a person is replaced by ``HIDDEN``."""
    return {name: HIDDEN if name in _FREE else _shown(name, value) for name, value in request.items()}


def _shown(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    match value:
        case dict():
            return shown(value)
        case list():
            return [_shown(name, one) for one in value]
        case str() if name not in _NAMES and not name.endswith(_ENDINGS):
            return HIDDEN
        case _:
            return value
