"""Base of the writes that move a subscription: read it, ask Stigg for the move, look whether it was made."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import OutcomeUnknown, Problem, RequestInvalid
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.subscription_data import Change, ChangedSubscription
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.subscriptions.diff import changed_fields, changes_between
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._scheduled_cancellation import is_called_off
from stigg_actions.writes._subscription_base import OfSubscription, subscription_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.snapshot import Run


class Move[Request: SubscriptionRequest, Result: ChangedSubscription](OfSubscription[Request, Result]):
    """A move of a subscription. Stigg takes no idempotency key for it, so its effect is found by reading."""

    @property
    def made(self) -> str:
        """The outcome of a move that was made."""
        return "updated"

    @abstractmethod
    def is_made(self, run: Run, subscription: Subscription) -> bool:
        """Whether Stigg shows the subscription as requested."""

    @abstractmethod
    def move(self, run: Run, current: Subscription) -> Effect[Result]:
        """Ask Stigg for the move of a subscription that runs. Raises as the client does."""

    def still_holds(self, run: Run, subscription: Subscription) -> bool:
        """Whether the stored answer of a repeat is still true, and nothing of the move is left to do."""
        return self.is_made(run, subscription)

    def further_fields(self, run: Run, subscription: Subscription) -> Mapping[str, Any]:  # noqa: ARG002 - few have some
        """Return what the answer says besides what all answers about a changed subscription say."""
        return {}

    def send(self, run: Run) -> Effect[Result]:
        """Move the subscription, unless it is as requested.

        Raises:
            RequestInvalid: the subscription does not run.
        """
        current = self.deps.stigg.get_subscription(subscription_id(run))
        self._refuse_unless_running(current)
        return self.effect(run, current, "unchanged") if self.is_made(run, current) else self.move(run, current)

    def find_effect(self, run: Run) -> Effect[Result] | None:
        """Return the effect if the subscription is as requested."""
        subscription = self.deps.stigg.find_subscription(subscription_id(run))
        if subscription is None or not self.is_made(run, subscription):
            return None
        return self.effect(run, subscription, self.made)

    def on_repeat(self, run: Run) -> NextStep | Result:
        """Replay the result if the subscription is still as requested; else start a new intent."""
        return _repeat_policy.when_changed(
            run, self.replayed_answer(run.operation), partial(self.still_holds, run), self.deps
        )

    def effect(
        self, run: Run, subscription: Subscription, outcome: str, changes: Sequence[Change] = ()
    ) -> Effect[Result]:
        """Return the effect that leaves the subscription as it is."""
        fields = changed_fields(subscription, outcome=outcome, changes=changes)
        return Effect(self.result.model_validate({**fields, **self.further_fields(run, subscription)}))

    def moved(self, run: Run, before: Subscription, after: Subscription, *changes: Change) -> Effect[Result]:
        """Return the effect of a move, with what Stigg shows differently."""
        return self.effect(run, after, self.made, [*changes, *changes_between(before, after)])

    def refuse_unless_shown(self, run: Run, after: Subscription) -> None:
        """Refuse to call a move made that Stigg has accepted and does not show.

        Raises:
            OutcomeUnknown: the answer of Stigg does not show the move.
        """
        if not self.is_made(run, after):
            raise OutcomeUnknown(
                "OUTCOME_UNKNOWN", f"Stigg accepted the move of subscription {after.id}, but does not show it yet."
            )

    def refuse_with_successor(self, run: Run, current: Subscription, *, stays: str) -> None:
        """Refuse to move a subscription away from the one that is scheduled to replace it: both would run.

        Raises:
            RequestInvalid: a subscription of the record waits for its start.
        """
        waiting = run.snapshot.record.upcoming if run.snapshot.record else None
        if waiting is None or waiting.subscription_id == current.id or is_called_off(waiting, self.deps.stigg):
            return
        problem = (
            f"names subscription {current.id}, which subscription {waiting.subscription_id} is scheduled to replace "
            f"{stays}; drop that one first (cancel-scheduled-update)"
        )
        raise RequestInvalid([Problem(self.naming_field, problem)])

    def _refuse_unless_running(self, current: Subscription) -> None:
        if not current.has_ended and current.status != "NOT_STARTED":
            return
        problem = f"names subscription {current.id}, which is {current.status}; only one that runs can be moved"
        raise RequestInvalid([Problem(self.naming_field, problem)])
