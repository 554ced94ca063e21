"""Writes that change fields of a subscription in place: read, compute, send what differs, read back."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import OutcomeUnknown
from stigg_actions.models.subscription_changes import (
    ChangedSubscription,
    RescheduleCancellation,
    SetSubscriptionMetadata,
    SubscriptionRequest,
)
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.writes import of_subscription, repeats
from stigg_actions.writes.base import Effect
from stigg_actions.writes.dates import check_end
from stigg_actions.writes.of_subscription import OfSubscription, subscription_id
from stigg_actions.writes.standing_terms import StandingTerms
from stigg_actions.writes.subscription_answer import changed, differences, picture

if TYPE_CHECKING:
    from stigg_actions.mappings import Changes
    from stigg_actions.models.subscription_changes import Change
    from stigg_actions.operations import Move
    from stigg_actions.standing import Ticket
    from stigg_actions.stigg.wire import Subscription


class PatchWrite[Request: SubscriptionRequest](OfSubscription[Request, ChangedSubscription]):
    """A change in place. PATCH has no key: it is always computed anew from what is read, and never sent from memory."""

    result = ChangedSubscription
    event: str

    @abstractmethod
    def patch(self, current: Subscription) -> dict[str, Any]:
        """Return what is to be sent so that the subscription becomes as asked; empty if it is so already."""

    def check_current(self, current: Subscription) -> None:
        """Refuse what makes no sense for this subscription, before anything is sent."""

    def send(self, ticket: Ticket) -> Effect[ChangedSubscription]:
        """Change what differs, and read it back."""
        current = self.deps.stigg.get_subscription(subscription_id(ticket))
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

    def look_up(self, ticket: Ticket) -> Effect[ChangedSubscription] | None:
        """Find out whether the subscription is as asked."""
        found = self.deps.stigg.find_subscription(subscription_id(ticket))
        return None if found is None or self.patch(found) else Effect(changed(found, outcome="updated"))

    def when_repeated(self, ticket: Ticket) -> Move | ChangedSubscription:
        """Look whether the subscription is still as asked."""
        before = self.stored_answer(ticket.operation)
        return repeats.when_changed(ticket, before, lambda found: not self.patch(found), self.deps)

    def changes(self, ticket: Ticket, effect: Effect[ChangedSubscription]) -> Changes | None:
        """Note the change with the subscription and its record."""
        return of_subscription.changes(ticket, effect, event=self.event, now=self.deps.clock.now())


def _differences(before: Subscription, after: Subscription) -> list[Change]:
    return differences(picture(StandingTerms(before, {})), picture(StandingTerms(after, {})))


class RescheduleWrite(PatchWrite[RescheduleCancellation]):
    """The write behind reschedule-cancellation."""

    kind = "reschedule"
    event = "cancellationRescheduled"

    def patch(self, current: Subscription) -> dict[str, Any]:
        """Return the cancellation date if it differs; a null clears it."""
        wanted = self.request.cancellation_date
        return {} if wanted == current.cancellation_date else {"cancellationDate": wanted}

    def check_current(self, current: Subscription) -> None:
        """Refuse a date on which the subscription cannot end. Raises RequestInvalid."""
        check_end(self.request.cancellation_date, current, now=self.deps.clock.now())


class MetadataWrite(PatchWrite[SetSubscriptionMetadata]):
    """The write behind set-subscription-metadata. The keys by which the actions find things again are kept."""

    kind = "metadata"
    event = "metadataSet"

    def patch(self, current: Subscription) -> dict[str, Any]:
        """Return the whole metadata if any of it differs: PATCH replaces it as a whole."""
        merges, removed = self.request.mode == "merge", set(self.request.remove_keys or ())
        kept = {
            name: value
            for name, value in current.metadata.items()
            if name in RESERVED_METADATA or (merges and name not in removed)
        }
        wanted = {**kept, **(self.request.metadata or {})}
        return {} if wanted == current.metadata else {"metadata": wanted}
