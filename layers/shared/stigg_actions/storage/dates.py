"""The dates of a subscription as its mapping stores them."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Protocol

from stigg_actions.clock import date_text

if TYPE_CHECKING:
    from datetime import datetime

    from stigg_actions.storage.mapping import MappedSubscription


class Dated(Protocol):
    """The dates of a subscription, as Stigg or an answer gives them."""

    @property
    def cancellation_date(self) -> datetime | None:
        """Date on which it is to end."""
        ...

    @property
    def trial_end_date(self) -> datetime | None:
        """Date on which its trial ends."""
        ...


def with_dates_of(mapped: MappedSubscription, subscription: Dated) -> MappedSubscription:
    """Return a mapping with the present dates of a subscription."""
    return replace(
        mapped,
        cancellation_date=date_text(subscription.cancellation_date),
        trial_end_date=date_text(subscription.trial_end_date),
    )
