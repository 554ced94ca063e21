"""What to do when a request is repeated: its stored answer is given again only while it is still true."""

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
    """Return what to do about a repeat of a request whose answer shows a subscription that it may have made.

    A payment page may be paid, over, or a day old by now; without one it is tried again at once. What was provisioned
    may have been changed since, which makes the same wish a new one.
    """
    operation = run.operation
    if operation.awaits_payment:
        return _when_unpaid(run, before, find_effect, deps)
    if _was_changed_since(operation, deps):
        return NextStep.NEW_INTENT
    return when_changed(run, before, lambda found: _is_as_answered(found, before), deps)


def when_changed[Result: SubscriptionAnswer](
    run: Run, before: Result, still_so: Callable[[Subscription], bool], deps: Deps
) -> NextStep | Result:
    """Return the answer of before with the subscription as it is now, while what was asked for is still so.

    Under a key of the caller's own the same is never done twice: the answer shows what has become of it.
    """
    try:
        found = deps.stigg.find_subscription(before.subscription_id)
    except (RateLimited, StiggUnavailable):
        if _is_still_mapped(run, before):
            return before
        raise
    if found is not None and (run.operation.explicit_key or still_so(found)):
        return before.model_copy(update=present_data(found))
    return before if run.operation.explicit_key else NextStep.NEW_INTENT


def _when_unpaid[Result: SubscriptionAnswer](
    run: Run, before: Result, find_effect: Callable[[Run], Effect[Result] | None], deps: Deps
) -> NextStep | Result:
    found, operation = find_effect(run), run.operation
    if found is None:
        is_young = deps.clock.now() < (operation.finished_at or 0) + REPLAY_SECONDS
        return before if is_young and getattr(before, "checkout_url", None) else NextStep.START
    if found.answer.status in ENDED:
        return NextStep.START
    waits_on = (found.answer.outcome, found.answer.status) == (before.outcome, before.status)
    return before if waits_on else NextStep.RESUME


def _is_as_answered(found: Subscription, before: SubscriptionAnswer) -> bool:
    """Whether a subscription runs, or is over, as an answer says, with the same plan, add-ons and end."""
    if found.has_ended:
        return before.status in ENDED
    addons = {addon.id: addon.quantity for addon in before.addons}
    return (
        (found.plan_id, found.resource_id, found.cancellation_date)
        == (before.plan_id, before.resource_id, before.cancellation_date)
    ) and {addon.id: addon.quantity for addon in found.addons} == addons


def _is_still_mapped(run: Run, before: SubscriptionAnswer) -> bool:
    """Whether the tables show the subscription of an answer as it was, where Stigg cannot be asked."""
    record, resource = run.snapshot.record, run.snapshot.resource
    mapped = {one.subscription_id: one.status for one in (record.mapped if record else ())}
    status = mapped.get(before.subscription_id)
    if status is not None:
        return (status in ENDED) == (before.status in ENDED)
    listed = resource is not None and before.subscription_id in resource.live
    return listed != (before.status in ENDED)


def _was_changed_since(operation: Operation, deps: Deps) -> bool:
    """Whether another operation came to the subscription that this one made, beside the one that it was about."""
    made, about = (operation.answer or {}).get("subscriptionId"), operation.subscription_id
    if operation.explicit_key or about is None or made in {None, about}:
        return False
    state = deps.ledger.subscription(str(made))
    latest = state.latest if state else None
    return latest is not None and latest.operation_key != operation.operation_key
