"""What the writes share that change fields of a subscription in place: read, compute, send what differs, read back."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import OutcomeUnknown
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.subscriptions.diff import changed, differences, picture
from stigg_actions.subscriptions.terms import SubscriptionTerms
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._mapping_changed import changed_mappings
from stigg_actions.writes._subscription_base import OfSubscription, subscription_id

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.models.subscription_data import Change
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes
    from stigg_actions.storage.snapshot import Run


class PatchWrite[Request: SubscriptionRequest](OfSubscription[Request, ChangedSubscription]):
    """A change in place. PATCH has no key: it is computed from what is read each time, and never sent from memory."""

    result = ChangedSubscription
    event: str

    @abstractmethod
    def patch(self, current: Subscription) -> dict[str, Any]:
        """Return what is to be sent so that the subscription becomes as asked; empty if it is so already."""

    def check_current(self, current: Subscription) -> None:
        """Refuse what makes no sense for this subscription, before anything is sent."""

    def send(self, run: Run) -> Effect[ChangedSubscription]:
        """Change what differs, and read it back."""
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
        return Effect(changed(after, outcome="updated", changes=_differences(current, after)))

    def find_effect(self, run: Run) -> Effect[ChangedSubscription] | None:
        """Find out whether the subscription is as asked."""
        found = self.deps.stigg.find_subscription(subscription_id(run))
        return None if found is None or self.patch(found) else Effect(changed(found, outcome="updated"))

    def on_repeat(self, run: Run) -> NextStep | ChangedSubscription:
        """Look whether the subscription is still as asked."""
        before = self.replayed_answer(run.operation)
        return _repeat_policy.when_changed(run, before, lambda found: not self.patch(found), self.deps)

    def mapping_changes(self, run: Run, effect: Effect[ChangedSubscription]) -> Changes | None:
        """Note the change with the subscription and its record."""
        return changed_mappings(run, effect, event=self.event, now=self.deps.clock.now())


def _differences(before: Subscription, after: Subscription) -> list[Change]:
    return differences(picture(SubscriptionTerms(before, {})), picture(SubscriptionTerms(after, {})))
