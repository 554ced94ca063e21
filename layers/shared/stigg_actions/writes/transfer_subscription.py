"""The write behind transfer-subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.models.transfer_subscription import TransferSubscription
from stigg_actions.writes._mapping_relocated import relocated_mappings
from stigg_actions.writes._moving import Move

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes
    from stigg_actions.storage.snapshot import Run


class TransferSubscriptionWrite(Move[TransferSubscription, ChangedSubscription]):
    """Move a subscription to another resource of its customer."""

    kind = "transfer"
    result = ChangedSubscription

    def is_made(self, run: Run, subscription: Subscription) -> bool:  # noqa: ARG002 - the request says where
        """Whether the subscription is on the requested resource."""
        return subscription.resource_id == self.request.destination_resource_id

    def move(self, run: Run, current: Subscription) -> Effect[ChangedSubscription]:
        """Move the subscription, unless one that is to follow it would stay behind."""
        self.refuse_with_successor(run, current, stays="on its present resource")
        body = {"destinationResourceId": self.request.destination_resource_id}
        after = self.deps.stigg.move_subscription(current.id, "transfer", body=body)
        self.refuse_unless_shown(run, after)
        return self.moved(run, current, after)

    def mapping_changes(self, run: Run, effect: Effect[ChangedSubscription]) -> Changes | None:
        """Move the subscription to the list of its new resource, and record that with its record."""
        return relocated_mappings(run, effect, event="transferred", deps=self.deps)
