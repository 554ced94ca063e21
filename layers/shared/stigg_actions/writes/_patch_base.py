"""Base of the writes that change fields of a subscription: read it, send what differs, read it back."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import OutcomeUnknown
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.subscriptions.diff import changed, changes_between
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._mapping_changed import changed_mappings
from stigg_actions.writes._subscription_base import OfSubscription, subscription_id

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes
    from stigg_actions.storage.snapshot import Run


class PatchWrite[Request: SubscriptionRequest](OfSubscription[Request, ChangedSubscription]):
    """A change in place. PATCH takes no idempotency key, so each run computes it from the subscription as read."""

    result = ChangedSubscription
    event: str

    @abstractmethod
    def patch(self, current: Subscription) -> dict[str, Any]:
        """Return the fields to send so that the subscription becomes as requested; empty if it is already."""

    def check_current(self, current: Subscription) -> None:
        """Refuse a change that this subscription cannot take, before it is sent."""

    def send(self, run: Run) -> Effect[ChangedSubscription]:
        """Send the fields that differ, and read the subscription back."""
        current = self.deps.stigg.get_subscription(subscription_id(run))
        body = self.patch(current)
        if not body:
            return Effect(changed(current, outcome="unchanged"))
        self.check_current(current)
        self.deps.stigg.update_subscription(current.id, body=body)
        after = self.deps.stigg.read_back(current.id)
        if self.patch(after):
            raise OutcomeUnknown(
                "OUTCOME_UNKNOWN", f"Stigg accepted the change of subscription {current.id}, but does not show it yet."
            )
        return Effect(changed(after, outcome="updated", changes=changes_between(current, after)))

    def find_effect(self, run: Run) -> Effect[ChangedSubscription] | None:
        """Return the effect if the subscription is as requested already."""
        subscription = self.deps.stigg.find_subscription(subscription_id(run))
        if subscription is None or self.patch(subscription):
            return None
        return Effect(changed(subscription, outcome="updated"))

    def on_repeat(self, run: Run) -> NextStep | ChangedSubscription:
        """Replay the result if the subscription is still as requested; else start a new intent."""
        before = self.replayed_answer(run.operation)
        return _repeat_policy.when_changed(run, before, lambda current: not self.patch(current), self.deps)

    def mapping_changes(self, run: Run, effect: Effect[ChangedSubscription]) -> Changes | None:
        """Record the change with the subscription and its record."""
        return changed_mappings(run, effect, event=self.event, now=self.deps.clock.now())
