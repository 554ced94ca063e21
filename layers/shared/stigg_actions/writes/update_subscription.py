"""The write behind update-subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.models.update_subscription import UpdateSubscription
from stigg_actions.subscriptions.amendment import Amendment
from stigg_actions.subscriptions.end_date import check_end
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._amending import Amending
from stigg_actions.writes._mapping_changed import changed_mappings
from stigg_actions.writes._subscription_base import OfSubscription, subscription_id

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import Effect, NextStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes
    from stigg_actions.storage.snapshot import Run
    from stigg_actions.subscriptions.terms import SubscriptionTerms

_EVENTS = {"scheduled": "updateScheduled", "paymentRequired": "updateAwaitsPayment"}


class UpdateSubscriptionWrite(OfSubscription[UpdateSubscription, ChangedSubscription]):
    """Amend a subscription in place."""

    kind = "update"
    result = ChangedSubscription

    def send(self, run: Run) -> Effect[ChangedSubscription]:
        """Read the subscription, and send the terms that differ."""
        current = self.deps.stigg.get_subscription(subscription_id(run))
        self._check(current)
        return self._amending(run).send(current)

    def body(self, current: Subscription, terms: SubscriptionTerms) -> dict[str, Any]:
        """Return the body that ``send`` would send, empty if no change is needed. Raises what it raises before."""
        self._check(current)
        self.amendment.refuse_to_override(terms)
        return self.amendment.body(terms)

    def find_effect(self, run: Run) -> Effect[ChangedSubscription] | None:
        """Return the effect if the subscription has the requested terms already."""
        return self._amending(run).find_effect()

    def on_repeat(self, run: Run) -> NextStep | ChangedSubscription:
        """Replay the result while it is true; resume or start again once an awaited payment is made or lapses."""
        before, amending = self.replayed_answer(run.operation), self._amending(run)
        if run.operation.awaits_payment:
            return amending.when_unpaid() or before
        return _repeat_policy.when_changed(run, before, amending.still_holds, self.deps)

    def mapping_changes(self, run: Run, effect: Effect[ChangedSubscription]) -> Changes | None:
        """Record the change and the requested terms with the subscription and its record."""
        event = _EVENTS.get(effect.answer.outcome, "updated")
        return changed_mappings(run, effect, event=event, now=self.deps.clock.now())

    @property
    def amendment(self) -> Amendment:
        """The requested changes."""
        request = self.request
        return Amendment(request.given(), request.removed(), request.modifiers(), request.mode == "merge")

    def _check(self, current: Subscription) -> None:
        check_end(self.request.cancellation_date, current, now=self.deps.clock.now())

    def _amending(self, run: Run) -> Amending:
        return Amending(self.deps.stigg, run, self.amendment)
