"""The write behind delegate-subscription."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import ActionError, NotFound, OutcomeUnknown, Problem, RequestInvalid
from stigg_actions.exactly_once.write import NextStep
from stigg_actions.models.delegate_subscription import DelegatedSubscription, DelegateSubscription
from stigg_actions.models.subscription_data import Change
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes._mapping_relocated import relocated_mappings
from stigg_actions.writes._metadata import ACCOUNT_KEY
from stigg_actions.writes._moving import Move
from stigg_actions.writes._subscription_base import subscription_id
from stigg_actions.writes.customer_upsert import unlinked
from stigg_actions.writes.ownership import refuse_other_link

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot, Target


class DelegateSubscriptionWrite(Move[DelegateSubscription, DelegatedSubscription]):
    """Move a subscription to another customer, with the leases of both."""

    kind = "delegate"
    result = DelegatedSubscription

    @property
    def target(self) -> Target:
        """The subscription or record, and the customer or account to which the subscription moves."""
        request = self.request
        return replace(
            super().target,
            account_id=request.destination_salesforce_account_id,
            to_customer_id=request.destination_customer_id,
        )

    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Add both customers, subscription, record and resource. A subscription that is there needs one lease.

        Raises:
            NotFound: the record has no subscription, or no customer is linked to the account.
        """
        account_id = self.request.destination_salesforce_account_id
        destination = self.request.destination_customer_id or snapshot.linked_customer_id
        if destination is None:
            raise unlinked(account_id, org_id=self.org_id, environment=self.deps.settings.environment)
        target = super().resolve_target(snapshot)
        return replace(target, to_customer_id=None if target.customer_id == destination else destination)

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse an account that is linked to another customer than the one that the subscription moves to."""
        account_id = self.request.destination_salesforce_account_id
        refuse_other_link(snapshot, account_id, _destination(snapshot.target))

    def is_made(self, run: Run, subscription: Subscription) -> bool:
        """Whether the subscription belongs to the requested customer."""
        return subscription.customer_id == _destination(run.operation)

    def move(self, run: Run, current: Subscription) -> Effect[DelegatedSubscription]:
        """Move the subscription, unless something of its record would stay behind."""
        self.refuse_with_successor(run, current, stays="at its present customer")
        self._refuse_with_page(run)
        body = {"targetCustomerId": _destination(run.operation)}
        try:
            after = self.deps.stigg.move_subscription(current.id, "delegate", body=body)
        except NotFound as refusal:
            raise _about_the_destination(refusal) from None
        self.refuse_unless_shown(run, after)
        customers = Change(field="customerId", before=current.customer_id, after=after.customer_id)
        return self.moved(run, current, after, customers)

    def further_fields(self, run: Run, subscription: Subscription) -> dict[str, Any]:
        """Return the customer that had the subscription, and the one that pays for it."""
        previous = run.operation.customer_id if run.operation.to_customer_id else None
        return drop_none({"previous_customer_id": previous, "paying_customer_id": subscription.paying_customer_id})

    def finish_up(self, run: Run, effect: Effect[DelegatedSubscription]) -> Effect[DelegatedSubscription]:
        """Mark the subscription with the account of its new customer: a mapping is rebuilt from the marks.

        Raises:
            OutcomeUnknown: it cannot be marked now. It has been moved; a repeated request continues.
        """
        try:
            self._mark(subscription_id(run))
        except ActionError as error:
            raise OutcomeUnknown(
                "OUTCOME_UNKNOWN",
                "The subscription was moved, but its metadata could not be set to the new account "
                f"({error.code}). Send the same request again.",
                stigg=error.stigg,
                retry_after_seconds=error.retry_after_seconds,
            ) from None
        return effect

    def still_holds(self, run: Run, subscription: Subscription) -> bool:
        """Whether the subscription is there, and marked: settling an unfinished move sends nothing."""
        return super().still_holds(run, subscription) and self._marked(subscription) == subscription.metadata

    def on_repeat(self, run: Run) -> NextStep | DelegatedSubscription:
        """Replay the result while it is true; another customer of the account since is a new intent."""
        if not run.operation.explicit_key and _destination(run.operation) != _destination(run.snapshot.target):
            return NextStep.NEW_INTENT
        return super().on_repeat(run)

    def mapping_changes(self, run: Run, effect: Effect[DelegatedSubscription]) -> Changes | None:
        """Move the subscription to the list of its new customer, with its record, and record that."""
        return relocated_mappings(run, effect, event="delegated", deps=self.deps)

    def _refuse_with_page(self, run: Run) -> None:
        """Refuse to move a record to another customer while a subscription of the present one awaits payment for it.

        Raises:
            RequestInvalid: the record has a payment page.
        """
        page = run.snapshot.record.pending if run.snapshot.record else None
        if page is not None:
            problem = (
                f"has subscription {page.subscription_id}, which awaits payment by its present customer; "
                "drop that one first (cancel-scheduled-update)"
            )
            raise RequestInvalid([Problem(self.naming_field, problem)])

    def _mark(self, moved_id: str) -> None:
        current = self.deps.stigg.get_subscription(moved_id)
        metadata = self._marked(current)
        if metadata != current.metadata:
            self.deps.stigg.update_subscription(moved_id, body={"metadata": metadata})

    def _marked(self, current: Subscription) -> dict[str, str]:
        """Return the metadata with the account that the request names, or without one."""
        kept = {name: value for name, value in current.metadata.items() if name != ACCOUNT_KEY}
        return {**kept, **drop_none({ACCOUNT_KEY: self.request.destination_salesforce_account_id})}


def _destination(of: Operation | Target) -> str | None:
    """Return the customer to whom a subscription moves, who may have it already."""
    return of.to_customer_id or of.customer_id


def _about_the_destination(refusal: NotFound) -> NotFound:
    """Return the refusal of an unknown customer with the field that names it."""
    if refusal.code != "CUSTOMER_NOT_FOUND":
        return refusal
    problem = Problem("destinationCustomerId", "is not the id of a customer")
    return NotFound(refusal.code, refusal.message, details=[problem], stigg=refusal.stigg)
