"""The write behind transfer-subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import OutcomeUnknown, Problem, RequestInvalid
from stigg_actions.models.transfer_subscription import TransferSubscription
from stigg_actions.writes._mapping_relocated import relocated_mappings
from stigg_actions.writes._moving import Move
from stigg_actions.writes._scheduled_cancellation import is_called_off

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.subscription_data import ChangedSubscription
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes
    from stigg_actions.storage.snapshot import Run


class TransferSubscriptionWrite(Move[TransferSubscription]):
    """Move a subscription to another resource of its customer."""

    kind = "transfer"

    def is_made(self, subscription: Subscription) -> bool:
        """Whether the subscription is on the requested resource."""
        return subscription.resource_id == self.request.destination_resource_id

    def move(self, run: Run, current: Subscription) -> Effect[ChangedSubscription]:
        """Move the subscription, unless one that is to follow it would stay behind."""
        self._refuse_with_successor(run, current)
        body = {"destinationResourceId": self.request.destination_resource_id}
        after = self.deps.stigg.move_subscription(current.id, "transfer", body=body)
        if not self.is_made(after):
            raise OutcomeUnknown(
                "OUTCOME_UNKNOWN", f"Stigg accepted the move of subscription {current.id}, but does not show it yet."
            )
        return self._moved(current, after)

    def mapping_changes(self, run: Run, effect: Effect[ChangedSubscription]) -> Changes | None:
        """Move the subscription to the list of its new resource, and record that with its record."""
        return relocated_mappings(run, effect, event="transferred", deps=self.deps)

    def _refuse_with_successor(self, run: Run, current: Subscription) -> None:
        """Refuse to move a subscription away from the one that is scheduled to replace it: both would run.

        Raises:
            RequestInvalid: a subscription of the record waits for its start.
        """
        waiting = run.snapshot.record.upcoming if run.snapshot.record else None
        if waiting is None or waiting.subscription_id == current.id or is_called_off(waiting, self.deps.stigg):
            return
        problem = (
            f"names subscription {current.id}, which subscription {waiting.subscription_id} is scheduled to replace on "
            "its present resource; drop that one first (cancel-scheduled-update)"
        )
        raise RequestInvalid([Problem(self.naming_field, problem)])
