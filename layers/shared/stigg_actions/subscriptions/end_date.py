"""Check the date on which a subscription is to end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid

if TYPE_CHECKING:
    from stigg_actions.stigg.schemas import Subscription


def check_end(end_date: datetime | None, current: Subscription, *, now: float) -> None:
    """Refuse a cancellation date on which a subscription cannot end, unless it has that date already.

    Raises:
        RequestInvalid: the date lies in the past, or before the subscription starts.
    """
    if end_date is None or end_date == current.cancellation_date:
        return
    if end_date <= datetime.fromtimestamp(now, UTC):
        raise RequestInvalid([Problem("cancellationDate", "lies in the past; to end it now, use cancel-subscription")])
    if current.start_date is not None and end_date <= current.start_date:
        raise RequestInvalid(
            [Problem("cancellationDate", "lies before the start of the subscription; give a later date")]
        )
