"""Update the ramp of a subscription after a write has sold, replaced or ended the subscription."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, cast

from stigg_actions.clock import in_progress
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.ramps import stored_ramp, with_ramp, without_ramp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.base import Answer
    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.storage.mapping import Changes, SubscriptionState
    from stigg_actions.storage.ramps import Ramp
    from stigg_actions.storage.snapshot import Run


NO_MORE_SEGMENTS = (
    "The later segments of its ramp do not take place: they were sold for another plan, or the new subscription starts "
    "later. To keep them, send the deal again with reapply true."
)


def is_taken_over(before: SubscriptionState, answer: SubscriptionAnswer) -> bool:
    """Whether a new subscription takes the ramp of the replaced one over: it has the same plan and starts at once."""
    return before.plan_id == answer.plan_id and answer.outcome != "scheduled"


def refuse_outdated(ramp: Ramp | None, state: SubscriptionState | None) -> None:
    """Refuse a request that was made for another state of the ramp than the present one.

    A step that was applied meanwhile would be undone.

    Raises:
        InProgress: sent again, the request is made for the present state.
    """
    stored = stored_ramp(state)
    if ramp is not None and ramp.based_on != (stored.mark if stored else None):
        raise in_progress("Another write has changed the ramp of this subscription", retry_after=1)


def with_canceled_segments[Result: Answer](state: SubscriptionState, effect: Effect[Result]) -> Effect[Result]:
    """Return an effect whose answer says how many later segments its end leaves out."""
    answer, ramp = effect.answer, cast("Ramp", stored_ramp(state))
    if not isinstance(answer, ChangedSubscription):
        return effect
    end, is_over = answer.cancellation_date, answer.status in ENDED
    left = [segment for segment in ramp.waiting if is_over or (end and segment.starts_at >= end.timestamp())]
    if not left:
        return effect
    return replace(effect, answer=answer.model_copy(update={"canceled_segments": len(left)}))


def with_ramp_of(existing: SubscriptionState, changes: Changes) -> Changes:
    """Return the changes of a subscription that was there already, with the ramp that it has."""
    ramp = stored_ramp(existing)
    return replace(changes, subscriptions=tuple(with_ramp(state, ramp) for state in changes.subscriptions))


def with_ramps(changes: Changes, run: Run, answer: SubscriptionAnswer, sold: Ramp | None) -> Changes:
    """Return the changes with the ramps of their subscriptions: as sold, taken over by a replacement, or called off."""
    return replace(changes, subscriptions=tuple(_with_ramps(changes, run, answer, sold)))


def _with_ramps(
    changes: Changes, run: Run, answer: SubscriptionAnswer, sold: Ramp | None
) -> Iterator[SubscriptionState]:
    before, made = run.snapshot.subscription, answer.subscription_id
    is_live = any(state.subscription_id == made for state in changes.subscriptions)
    for state in changes.subscriptions:
        if state.subscription_id == made:
            taken_over = _taken_over(before, state, answer)
            yield taken_over if sold is None else _sold(taken_over, sold, run)
        elif is_live and answer.outcome != "scheduled":  # what the new one has taken over is shown there
            yield with_ramp(state, None) if is_taken_over(state, answer) else without_ramp(state)
        else:
            yield state


def _taken_over(
    before: SubscriptionState | None, after: SubscriptionState, answer: SubscriptionAnswer
) -> SubscriptionState:
    """Return a new subscription with the ramp of the replaced one, if it has the same plan and starts at once."""
    if before is None or before.subscription_id == after.subscription_id:
        return after
    return with_ramp(after, stored_ramp(before) if is_taken_over(before, answer) else None)


def _sold(state: SubscriptionState, sold: Ramp, run: Run) -> SubscriptionState:
    """Return a subscription with the ramp that was sold, unless the same operation has stored it before."""
    operation = run.operation
    sold_by, stored = f"{operation.operation_key}-{operation.intent}", stored_ramp(state)
    if not sold.segments:
        return without_ramp(state)
    if stored is not None and stored.sold_by == sold_by:
        return state
    return with_ramp(state, sold._replace(sold_by=sold_by, wish=operation.wish, based_on=None))
