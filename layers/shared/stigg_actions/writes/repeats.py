"""What to do when a request is repeated whose answer told of a subscription: whether that answer is still true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.operations import REPLAY_SECONDS, Move
from stigg_actions.stigg.wire import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from stigg_actions.deps import Deps
    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.operations import Operation
    from stigg_actions.standing import Ticket
    from stigg_actions.writes.base import Effect


def when_repeated[Result: SubscriptionAnswer](
    ticket: Ticket, look_up: Callable[[Ticket], Effect[Result] | None], deps: Deps
) -> Move:
    """Return what to do about a repeat.

    What awaited payment may be paid, over, or a day old by now; without a payment page it is tried again at once.
    What was provisioned may have been changed since, which makes the same wish a new one.
    """
    operation = ticket.operation
    if not operation.awaits_payment:
        return Move.ANEW if _was_changed_since(operation, deps) else Move.REPLAY
    found = look_up(ticket)
    told = operation.answer or {}
    if found is None:
        is_young = deps.clock.now() < (operation.finished_at or 0) + REPLAY_SECONDS
        return Move.REPLAY if is_young and told.get("checkoutUrl") else Move.START
    if found.answer.status in ENDED:
        return Move.START
    waits_on = (found.answer.outcome, found.answer.status) == (told.get("outcome"), told.get("status"))
    return Move.REPLAY if waits_on else Move.RESUME


def _was_changed_since(operation: Operation, deps: Deps) -> bool:
    """Whether another operation came to the subscription that this one made, beside the one that it was about."""
    made, about = (operation.answer or {}).get("subscriptionId"), operation.subscription_id
    if operation.explicit_key or about is None or made in {None, about}:
        return False
    state = deps.ledger.subscription(str(made))
    latest = state.latest if state else None
    return latest is not None and latest.operation_key != operation.operation_key
