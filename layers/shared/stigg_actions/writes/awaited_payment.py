"""What to do when a request is repeated that had to wait for a payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.operations import REPLAY_SECONDS, Move

if TYPE_CHECKING:
    from collections.abc import Callable

    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.standing import Ticket
    from stigg_actions.writes.base import Effect


def when_repeated[Result: SubscriptionAnswer](
    ticket: Ticket, look_up: Callable[[Ticket], Effect[Result] | None], now: float
) -> Move:
    """Return what to do about a repeat: what awaited payment may be paid, over, or a day old by now."""
    operation = ticket.operation
    if not operation.awaits_payment:
        return Move.REPLAY
    found = look_up(ticket)
    if found is None:
        return Move.REPLAY if now < (operation.finished_at or 0) + REPLAY_SECONDS else Move.START
    if found.answer.status in {"CANCELED", "EXPIRED"}:
        return Move.START
    told = operation.answer or {}
    waits_on = (found.answer.outcome, found.answer.status) == (told.get("outcome"), told.get("status"))
    return Move.REPLAY if waits_on else Move.RESUME
