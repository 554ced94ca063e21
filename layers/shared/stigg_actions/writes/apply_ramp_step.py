"""The write that applies a segment of a ramp to its subscription, once, when the segment has begun."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.renew_subscription import RenewalResult
from stigg_actions.storage.mapping import Changes
from stigg_actions.storage.ramps import stored_ramp, with_ramp, without_ramp
from stigg_actions.writes._subscription_base import now_in_stigg, subscription_id
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite

if TYPE_CHECKING:
    from stigg_actions.models.apply_ramp_step import ApplyRampStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import HistoryEntry, LatestOperation, MappedSubscription
    from stigg_actions.storage.ramps import Ramp
    from stigg_actions.storage.snapshot import Run, Snapshot
    from stigg_actions.subscriptions.renewal_plan import RenewalPlan

_EVENTS = {"renewed": "stepApplied", "renewalScheduled": "stepScheduled", "renewalAwaitsPayment": "stepAwaitsPayment"}
_OVER = "The step was not applied: the subscription has ended, or its ramp was changed or called off."


class ApplyRampStepWrite(RenewSubscriptionWrite):
    """Bring a subscription to the terms of a segment: in place where Stigg can, else by a new subscription.

    Its request is as old as the ramp, but an amendment that came since does not supersede it: that holds until the next
    segment.
    """

    kind = "step"
    request: ApplyRampStep

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:  # noqa: ARG002 - see the docstring of the class
        """Return None: no change supersedes a step."""
        return None

    def send(self, run: Run) -> Effect[RenewalResult]:
        """Apply the step, unless its ramp or its subscription is over.

        Raises:
            RequestInvalid: a later segment has begun, or a change waits that the step would drop.
        """
        current = self.deps.stigg.get_subscription(subscription_id(run))
        ramp = self._ramp(run.snapshot)
        if ramp is None or current.has_ended:
            answer = {**now_in_stigg(current), "outcome": "unchanged", "reasons": [_OVER]}
            return Effect(RenewalResult.model_validate(answer))
        if ramp.due(self.deps.clock.now()) != self.request.segment:
            raise RequestInvalid([Problem("segment", "is not due: a later segment has begun, and was or is applied")])
        return self.renewed(run, current)

    def plan(self, snapshot: Snapshot, current: Subscription) -> RenewalPlan:
        """Return the plan of the step. Raises RequestInvalid if a replacement would drop what waits."""
        plan = super().plan(snapshot, current)
        follower = snapshot.record.upcoming if snapshot.record else None
        waits = [update for update in current.future_updates if update.is_waiting]
        if plan.decision == "replace" and (follower is not None or waits):
            what = f"subscription {follower.subscription_id}" if follower else "a scheduled change"
            problem = (
                f"is {current.id}, which the step replaces, and {what} waits on it. Drop that with "
                "cancel-scheduled-update, or let it take effect; then replay the step"
            )
            raise RequestInvalid([Problem("subscriptionId", problem)])
        return plan

    def waiting_downgrade(self, snapshot: Snapshot) -> MappedSubscription | None:  # noqa: ARG002 - a step leaves it
        """Return None: a step does not call off a downgrade."""
        return None

    def mapping_changes(self, run: Run, effect: Effect[RenewalResult]) -> Changes | None:
        """Record the change as a renewal does, and the segment as the one in force.

        A step without effect does not become the latest operation of its subscription.
        """
        ramp, state = self._ramp(run.snapshot), run.snapshot.subscription
        if effect.answer.reasons == [_OVER]:
            return Changes(run.customer, subscriptions=(without_ramp(state),)) if ramp and state else None
        changes = super().mapping_changes(run, effect)
        if changes is None or ramp is None or effect.answer.outcome == "paymentRequired":
            return changes
        after = ramp.applied(self.request.segment, self.deps.clock.now())
        states = tuple(
            with_ramp(state, after) if state.subscription_id == effect.answer.subscription_id else state
            for state in changes.subscriptions
        )
        return replace(changes, subscriptions=states, history=tuple(map(_of_step, changes.history)))

    def _ramp(self, snapshot: Snapshot) -> Ramp | None:
        """Return the ramp of the subscription, if it is the one of the step and the step is to come."""
        ramp = stored_ramp(snapshot.subscription)
        if ramp is None or ramp.is_over or ramp.sold_by != self.request.sold_by:
            return None
        return ramp if self.request.segment > ramp.in_force else None


def _of_step(entry: HistoryEntry) -> HistoryEntry:
    return replace(entry, event=_EVENTS.get(entry.event, entry.event))
