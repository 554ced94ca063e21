"""Answer apply-ramp-steps: apply the segments of ramps that have begun, each as an operation of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from stigg_actions.errors import ActionError, Misconfigured, NotFound
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.apply_ramp_steps import RampStep, RampStepsApplied
from stigg_actions.storage.operation import REPLAY_SECONDS, Status
from stigg_actions.storage.ramp_index import RampIndex
from stigg_actions.storage.ramps import stored_ramp
from stigg_actions.subscriptions.ramp import step_of
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes.apply_ramp_step import ApplyRampStepWrite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stigg_actions.deps import Deps
    from stigg_actions.models.apply_ramp_steps import ApplyRampSteps
    from stigg_actions.storage.mapping import SubscriptionState
    from stigg_actions.storage.operation import Operation

type Result = Literal["applied", "calledOff", "awaitsPayment", "refused", "deferred", "wouldBeApplied"]

SECONDS_FOR_A_STEP = 25.0
"""The time of one step, as of any other write."""

_OF_THE_SETUP = {"NOT_CONFIGURED", "STIGG_KEY_LACKS_PERMISSION", "STIGG_KEY_REJECTED"}
"""Errors that an operator corrects once for all steps, so that the next run tries them again."""

MOST_STEPS = 1_000
"""The most steps that one run reports: its result has to fit into a Lambda response."""


def apply(request: ApplyRampSteps, deps: Deps) -> RampStepsApplied:
    """Apply the steps that are due, the oldest first, while there is time. One that fails does not stop the others.

    Raises:
        NotFound: the subscription that is named has no ramp.
        ActionError: the index cannot be read.
    """
    steps: list[RampStep] = []
    complete = True
    for subscription_id in _due(request, deps):
        if deps.deadline.seconds_left() < SECONDS_FOR_A_STEP or len(steps) == MOST_STEPS:
            complete = False
            break
        step = _step(subscription_id, request, deps)
        steps += [step] if step else []
    outcome = "dryRun" if request.dry_run else "applied" if steps else "unchanged"
    return RampStepsApplied.model_validate({"outcome": outcome, "steps": steps, "complete": complete})


def _due(request: ApplyRampSteps, deps: Deps) -> Iterable[str]:
    """Return the subscriptions with a step that is due; a list, because applied steps leave the index."""
    if request.subscription_id is None:
        return list(RampIndex(deps.database, deps.settings).due(deps.clock.now()))
    if stored_ramp(deps.ledger.subscription(request.subscription_id)) is None:
        raise NotFound(
            "SUBSCRIPTION_NOT_FOUND",
            f"Subscription {request.subscription_id} has no ramp in the {deps.settings.environment} environment.",
        )
    return [request.subscription_id]


def _step(subscription_id: str, request: ApplyRampSteps, deps: Deps) -> RampStep | None:
    """Apply the step of a subscription; None if its ramp has no step that is due."""
    state = deps.ledger.subscription(subscription_id)
    step = step_of(state, now=deps.clock.now()) if state else None
    if state is None or step is None or state.step_waits is None:
        return None
    write = ApplyRampStepWrite(step, deps.renewed(SECONDS_FOR_A_STEP))
    result, error = ("wouldBeApplied", None) if request.dry_run else _applied(write, state, request)
    shown = {
        "subscription_id": subscription_id,
        "salesforce_record_id": state.record_id,
        "segment": step.segment,
        "result": result,
        "operation_key": write.key,
        "error_code": error,
    }
    return RampStep.model_validate(drop_none(shown))


def _applied(write: ApplyRampStepWrite, state: SubscriptionState, request: ApplyRampSteps) -> tuple[Result, str | None]:
    """Apply a step, unless it was refused or began to wait for a payment less than a day ago."""
    before = None if request.subscription_id else write.deps.ledger.newest(write.key)
    if before is not None and _rests(before, write.deps.clock.now()):
        return ("awaitsPayment" if before.awaits_payment else "refused"), (before.error or {}).get("errorCode")
    try:
        answer = perform(write)
    except ActionError as error:
        is_deferred = error.may_retry or isinstance(error, Misconfigured)
        return ("deferred" if is_deferred else "refused"), error.code
    if answer.outcome == "paymentRequired":
        return "awaitsPayment", None
    after = write.deps.ledger.subscription(answer.subscription_id) or state
    ramp = stored_ramp(after)
    return ("calledOff" if ramp is None or ramp.is_over else "applied"), None


def _rests(operation: Operation, now: float) -> bool:
    """Whether a step that was refused, or awaits payment, is not to be tried again yet."""
    error = operation.error or {}
    is_passing = error.get("retryable") or error.get("errorCode") in _OF_THE_SETUP
    is_refused = operation.status is Status.FAILED and not is_passing
    return (is_refused or operation.awaits_payment) and now < (operation.finished_at or 0) + REPLAY_SECONDS
