"""The write behind migrate-subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import ActionError, OutcomeUnknown, Refused
from stigg_actions.exactly_once.write import NextStep
from stigg_actions.models.migrate_subscription import MigrateSubscription
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.stigg.error_codes import AS_MIGRATED, normalise
from stigg_actions.writes._mapping_changed import changed_mappings
from stigg_actions.writes._moving import Move

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes
    from stigg_actions.storage.snapshot import Run

_TIMES = {"now": "IMMEDIATE", "endOfBillingPeriod": "END_OF_BILLING_PERIOD"}
_EVENTS = {"now": "migrated", "endOfBillingPeriod": "migrationScheduled"}


class MigrateSubscriptionWrite(Move[MigrateSubscription, ChangedSubscription]):
    """Give a subscription the newest version of its plan.

    Stigg shows that a migration is scheduled, and not which version a subscription has. So a migration that was made at
    once is not found again: it is requested again, and Stigg answers that the version is the newest.
    """

    kind = "migrate"
    result = ChangedSubscription

    @property
    def made(self) -> str:
        """The outcome of a migration that was made or scheduled."""
        return "scheduled" if self._is_later else "updated"

    def is_made(self, run: Run, subscription: Subscription) -> bool:  # noqa: ARG002 - Stigg shows it or does not
        """Whether Stigg shows that the migration is scheduled, if that was requested."""
        return self._is_later and any(update.is_migration for update in subscription.future_updates)

    def move(self, run: Run, current: Subscription) -> Effect[ChangedSubscription]:
        """Migrate the subscription. One that has the newest version is unchanged."""
        body = {"subscriptionMigrationTime": _TIMES[self.request.migrate_when]}
        try:
            after = self.deps.stigg.move_subscription(current.id, "migrate", body=body)
        except Refused as refusal:
            if normalise(refusal.stigg.code or "") not in AS_MIGRATED:
                raise
            # An earlier run of the same request may have migrated it: its answer was lost.
            outcome = "updated" if run.resumed and not self._is_later else "unchanged"
            return self.effect(run, current, outcome)
        return self.moved(run, current, after)

    def on_repeat(self, run: Run) -> NextStep | ChangedSubscription:
        """Ask Stigg again for a migration now, because there may be a newer version by now."""
        again = not self._is_later and not run.operation.explicit_key
        return NextStep.NEW_INTENT if again else super().on_repeat(run)

    def mapping_changes(self, run: Run, effect: Effect[ChangedSubscription]) -> Changes | None:
        """Record the migration with the subscription and its record."""
        event = _EVENTS[self.request.migrate_when]
        return changed_mappings(run, effect, event=event, now=self.deps.clock.now())

    def on_absence(self) -> ActionError | None:
        """Return the error for a migration of which Stigg does not show whether it was made."""
        if self._is_later:
            return super().on_absence()
        return OutcomeUnknown(
            "OUTCOME_UNKNOWN",
            "Stigg does not show whether the subscription was migrated. Send the same request again: it changes "
            "nothing if the subscription has the newest version.",
        )

    @property
    def _is_later(self) -> bool:
        return self.request.migrate_when == "endOfBillingPeriod"
