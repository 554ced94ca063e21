"""What the writes of one subscription share: which one it is, and which customer it belongs to."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound, Problem, RequestInvalid
from stigg_actions.exactly_once.write import Write
from stigg_actions.models.base import Answer
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.storage.mapping import RecordState, SubscriptionState
from stigg_actions.storage.operation import Status
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions.response_fields import scheduled_changes, subscription_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import LatestOperation
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot


class OfSubscription[Request: SubscriptionRequest, Result: Answer](Write[Request, Result]):
    """A write of one subscription, named by its id or by its record."""

    @property
    def target(self) -> Target:
        """The subscription or the record, as the request names it."""
        request = self.request
        return Target(self.org_id, record_id=request.salesforce_record_id, subscription_id=request.subscription_id)

    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Return the names with customer, subscription, record and resource, as the mapping or Stigg tells them."""
        if self.request.salesforce_record_id is not None:
            return self._by_record(snapshot)
        if snapshot.subscription is not None:
            return self._of(snapshot.subscription)
        found = self.deps.stigg.get_subscription(str(self.request.subscription_id))
        return replace(self.target, customer_id=found.customer_id, resource_id=found.resource_id, of_resource=True)

    def target_unchanged(self, snapshot: Snapshot) -> bool:
        """Whether the record still has the subscription that was read of it first."""
        current = snapshot.record.current if snapshot.record else None
        if self.request.salesforce_record_id is None or current is None:
            return True
        return current.subscription_id == snapshot.target.subscription_id

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed this subscription."""
        return snapshot.subscription.latest if snapshot.subscription else None

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:  # noqa: ARG002 - Stigg shows it
        """Return how the subscription is now, as Stigg shows it. Raises as the client does."""
        return now_in_stigg(self.deps.stigg.get_subscription(str(snapshot.target.subscription_id)))

    def _by_record(self, snapshot: Snapshot) -> Target:
        record, before = snapshot.record, snapshot.operation
        if record is not None and record.current is not None:
            return replace(
                self.target,
                customer_id=record.customer_id,
                subscription_id=record.current.subscription_id,
                resource_id=record.current.resource_id,
                of_resource=True,
            )
        if before is not None and before.status is Status.SUCCEEDED and _may_be_repeated(before, record):
            return replace(self.target, customer_id=before.customer_id, subscription_id=before.subscription_id)
        raise self.not_mapped(record)

    def _of(self, state: SubscriptionState) -> Target:
        return replace(
            self.target,
            org_id=state.org_id or self.org_id,
            customer_id=state.customer_id,
            record_id=state.record_id,
            resource_id=state.resource_id,
            of_resource=True,
        )

    def refuse_followed(self, snapshot: Snapshot, current: Subscription) -> None:
        """Refuse to provision after a subscription whose place another one has: that one would be replaced.

        Raises:
            RequestInvalid: it was replaced, or has ended and another one runs in its place.
        """
        follower = snapshot.subscription.followed_by if snapshot.subscription else None
        if current.was_replaced or (current.has_ended and follower is not None and self._runs(follower)):
            field = "salesforceRecordId" if self.request.salesforce_record_id else "subscriptionId"
            told = f"means {current.id}, in whose place there is {follower or 'another subscription'}; name that one"
            raise RequestInvalid([Problem(field, told)])

    def _runs(self, subscription_id: str) -> bool:
        found = self.deps.stigg.find_subscription(subscription_id)
        return found is not None and not found.has_ended

    def not_mapped(self, record: RecordState | None) -> NotFound:
        """Return the error for a record that has no subscription to act on."""
        problem = "has no subscription"
        if record is not None and record.pending is not None:
            problem = f"has only the subscription {record.pending.subscription_id}, which awaits payment"
        elif record is not None and record.moved_to is not None:
            problem = f"has no subscription any more: it moved to record {record.moved_to}"
        elif record is not None and not record.is_blank:
            problem = "has no subscription any more: it passed to another record, or another one took its place"
        return NotFound(
            "MAPPING_NOT_FOUND",
            f"In the {self.deps.settings.environment} environment the Salesforce record "
            f"{self.request.salesforce_record_id} of org {self.org_id} {problem}.",
        )


def _may_be_repeated(before: Operation, record: RecordState | None) -> bool:
    """Whether an operation can be answered again although its record has no subscription any more.

    By its own key, or because it is what took the subscription away: a renewal that moved it to another record.
    """
    took_it = record is not None and record.latest is not None and record.latest.operation_key == before.operation_key
    return before.explicit_key or took_it


def now_in_stigg(found: Subscription) -> dict[str, Any]:
    """Return the fields of any answer that shows a subscription to which nothing was done."""
    nothing_done = {"changes": [], "decision": "none", "reasons": [], "blockers": []}
    return {**nothing_done, **subscription_data(found), "scheduled_changes": scheduled_changes(found)}


def state_of(snapshot: Snapshot, current: Subscription) -> SubscriptionState:
    """Return what is known of a subscription, or what was just read of one of which nothing is."""
    plain = SubscriptionState(current.id, current.customer_id, current.plan_id, current.resource_id)
    return snapshot.subscription or plain


def subscription_id(run: Run) -> str:
    """Return the subscription that a write is about."""
    return str(run.operation.subscription_id)
