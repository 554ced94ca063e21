"""Decide what to do about a repeated request: replay its stored result only while that is still true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import RateLimited, StiggUnavailable
from stigg_actions.exactly_once.write import NextStep
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.operation import REPLAY_SECONDS
from stigg_actions.subscriptions.response_fields import present_data

if TYPE_CHECKING:
    from collections.abc import Callable

    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run


def when_provisioned[Result: SubscriptionAnswer](
    run: Run, before: Result, find_effect: Callable[[Run], Effect[Result] | None], deps: Deps
) -> NextStep | Result:
    """Return what to do about a repeated request that may have provisioned a subscription.

    If the subscription awaited payment, its page may be paid, expired or a day old; without a page, try again at once.
    If the subscription was changed since, the same request is a new intent.
    """
    operation = run.operation
    if operation.awaits_payment:
        return _when_unpaid(run, before, find_effect, deps)
    if _was_changed_since(operation, deps):
        return NextStep.NEW_INTENT
    return when_changed(run, before, lambda current: _is_as_answered(current, before), deps)


def when_changed[Result: SubscriptionAnswer](
    run: Run, before: Result, still_so: Callable[[Subscription], bool], deps: Deps
) -> NextStep | Result:
    """Return the stored result with the subscription as it is now, while that is still as requested.

    Under the caller's own key the write never runs again: the result shows the subscription as it is now.
    """
    try:
        subscription = deps.stigg.find_subscription(before.subscription_id)
    except (RateLimited, StiggUnavailable):
        if _is_still_mapped(run, before):
            return before
        raise
    if subscription is not None and (run.operation.explicit_key or still_so(subscription)):
        return before.model_copy(update=present_data(subscription))
    return before if run.operation.explicit_key else NextStep.NEW_INTENT


def _when_unpaid[Result: SubscriptionAnswer](
    run: Run, before: Result, find_effect: Callable[[Run], Effect[Result] | None], deps: Deps
) -> NextStep | Result:
    effect, operation = find_effect(run), run.operation
    if effect is None:
        is_young = deps.clock.now() < (operation.finished_at or 0) + REPLAY_SECONDS
        return before if is_young and getattr(before, "checkout_url", None) else NextStep.START
    if effect.answer.status in ENDED:
        return NextStep.START
    waits_on = (effect.answer.outcome, effect.answer.status) == (before.outcome, before.status)
    return before if waits_on else NextStep.RESUME


def _is_as_answered(subscription: Subscription, before: SubscriptionAnswer) -> bool:
    """Whether a subscription is live or ended as in the result, with the same plan, add-ons and end."""
    if subscription.has_ended:
        return before.status in ENDED
    addons = {addon.id: addon.quantity for addon in before.addons}
    return (
        (subscription.plan_id, subscription.resource_id, subscription.cancellation_date)
        == (before.plan_id, before.resource_id, before.cancellation_date)
    ) and {addon.id: addon.quantity for addon in subscription.addons} == addons


def _is_still_mapped(run: Run, before: SubscriptionAnswer) -> bool:
    """Whether the tables show the subscription of a result unchanged. Used while Stigg is unavailable."""
    record, resource = run.snapshot.record, run.snapshot.resource
    statuses = {mapped.subscription_id: mapped.status for mapped in (record.mapped if record else ())}
    status = statuses.get(before.subscription_id)
    if status is not None:
        return (status in ENDED) == (before.status in ENDED)
    listed = resource is not None and before.subscription_id in resource.live
    return listed != (before.status in ENDED)


def _was_changed_since(operation: Operation, deps: Deps) -> bool:
    """Whether another operation changed the new subscription that this one made in place of the named one."""
    made, about = (operation.answer or {}).get("subscriptionId"), operation.subscription_id
    if operation.explicit_key or about is None or made in {None, about}:
        return False
    state = deps.ledger.subscription(str(made))
    latest = state.latest if state else None
    return latest is not None and latest.operation_key != operation.operation_key
