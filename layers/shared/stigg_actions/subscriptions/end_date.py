"""What a date must be, so that a subscription can end on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid

if TYPE_CHECKING:
    from stigg_actions.stigg.schemas import Subscription


def check_end(wanted: datetime | None, current: Subscription, *, now: float) -> None:
    """Refuse a cancellation date on which a subscription cannot end; the one that it has is no news.

    Raises:
        RequestInvalid: the date lies in the past, or before the subscription starts.
    """
    if wanted is None or wanted == current.cancellation_date:
        return
    if wanted <= datetime.fromtimestamp(now, UTC):
        raise RequestInvalid([Problem("cancellationDate", "lies in the past; to end it now, use cancel-subscription")])
    if current.start_date is not None and wanted <= current.start_date:
        raise RequestInvalid([Problem("cancellationDate", "lies before the start of the subscription")])
