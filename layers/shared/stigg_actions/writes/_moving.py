"""Base of the writes that move a subscription: read it, ask Stigg for the move, look whether it was made."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.subscriptions.diff import changed, changes_between
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._subscription_base import OfSubscription, subscription_id

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.snapshot import Run


class Move[Request: SubscriptionRequest](OfSubscription[Request, ChangedSubscription]):
    """A move of a subscription. Stigg takes no idempotency key for it, so its effect is found by reading."""

    result = ChangedSubscription

    @property
    def made(self) -> str:
        """The outcome of a move that was made."""
        return "updated"

    @abstractmethod
    def is_made(self, subscription: Subscription) -> bool:
        """Whether Stigg shows the subscription as requested."""

    @abstractmethod
    def move(self, run: Run, current: Subscription) -> Effect[ChangedSubscription]:
        """Ask Stigg for the move of a subscription that runs. Raises as the client does."""

    def send(self, run: Run) -> Effect[ChangedSubscription]:
        """Move the subscription, unless it is as requested.

        Raises:
            RequestInvalid: the subscription does not run.
        """
        current = self.deps.stigg.get_subscription(subscription_id(run))
        self._refuse_unless_running(current)
        if self.is_made(current):
            return Effect(changed(current, outcome="unchanged"))
        return self.move(run, current)

    def find_effect(self, run: Run) -> Effect[ChangedSubscription] | None:
        """Return the effect if the subscription is as requested."""
        subscription = self.deps.stigg.find_subscription(subscription_id(run))
        if subscription is None or not self.is_made(subscription):
            return None
        return Effect(changed(subscription, outcome=self.made))

    def on_repeat(self, run: Run) -> NextStep | ChangedSubscription:
        """Replay the result if the subscription is still as requested; else start a new intent."""
        return _repeat_policy.when_changed(run, self.replayed_answer(run.operation), self.is_made, self.deps)

    def _moved(self, before: Subscription, after: Subscription) -> Effect[ChangedSubscription]:
        return Effect(changed(after, outcome=self.made, changes=changes_between(before, after)))

    def _refuse_unless_running(self, current: Subscription) -> None:
        if not current.has_ended and current.status != "NOT_STARTED":
            return
        problem = f"names subscription {current.id}, which is {current.status}; only one that runs can be moved"
        raise RequestInvalid([Problem(self.naming_field, problem)])
