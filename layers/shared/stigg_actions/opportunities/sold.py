"""The result of the work for a plan."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stigg_actions.models.create_subscription import SubscriptionResult
    from stigg_actions.models.price import Price
    from stigg_actions.models.renew_subscription import RenewalResult


class Sold(NamedTuple):
    """The result for a plan's subscription, with a note if the line took it over, and a price if one was asked for."""

    answer: RenewalResult | SubscriptionResult
    note: str | None = None
    price: Price | None = None

    def with_note(self, note: str) -> Sold:
        """Return the result with another note."""
        return replace(self, note=f"{self.note or ''} {note}".strip())
