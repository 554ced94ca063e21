"""What the writes of one subscription share: finding the subscription and its customer."""

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

    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes, LatestOperation
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot


class OfSubscription[Request: SubscriptionRequest, Result: Answer](Write[Request, Result]):
    """A write of one subscription, which the request names by id or by record."""

    @property
    def target(self) -> Target:
        """The subscription or the record that the request names."""
        request = self.request
        return Target(self.org_id, record_id=request.salesforce_record_id, subscription_id=request.subscription_id)

    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Add the customer, subscription, record and resource from the mapping or from Stigg."""
        if self.request.salesforce_record_id is not None:
            return self._by_record(snapshot)
        if snapshot.subscription is not None:
            return self._of(snapshot.subscription)
        subscription = self.deps.stigg.get_subscription(str(self.request.subscription_id))
        return replace(
            self.target, customer_id=subscription.customer_id, resource_id=subscription.resource_id, of_resource=True
        )

    def target_unchanged(self, snapshot: Snapshot) -> bool:
        """Whether the record still has the subscription that the target was resolved to, of the same customer."""
        target, record, state = snapshot.target, snapshot.record, snapshot.subscription
        if self.request.salesforce_record_id is None:
            return state is None or state.customer_id == target.customer_id
        if record is None or record.current is None:
            return True
        return (record.customer_id, record.current.subscription_id) == (target.customer_id, target.subscription_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed this subscription."""
        return snapshot.subscription.latest if snapshot.subscription else None

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:  # noqa: ARG002 - Stigg shows it
        """Return the subscription as Stigg shows it now. Raises what the client raises."""
        return now_in_stigg(self.deps.stigg.get_subscription(str(snapshot.target.subscription_id)))

    def finish_up(self, run: Run, effect: Effect[Result]) -> Effect[Result]:
        """Add how many segments of the subscription's ramp do not take place any more."""
        state = run.snapshot.subscription
        if state is None or state.step_waits is None:
            return effect
        from stigg_actions.writes import _mapping_ramp  # noqa: PLC0415 - few subscriptions have a ramp

        return _mapping_ramp.with_canceled_segments(state, effect)

    def with_ramps(self, changes: Changes, run: Run, answer: SubscriptionAnswer) -> Changes:
        """Return the changes with the ramps of their subscriptions, if the request or the subscription has one."""
        state = run.snapshot.subscription
        if self.ramp is None and (state is None or state.ramp is None):
            return changes
        from stigg_actions.writes import _mapping_ramp  # noqa: PLC0415 - few subscriptions have a ramp

        return _mapping_ramp.with_ramps(changes, run, answer, self.ramp)

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
        """Refuse to provision after a subscription that another one has replaced: that one would end.

        Raises:
            RequestInvalid: the subscription was replaced, or it has ended and its successor is live.
        """
        follower = snapshot.subscription.followed_by if snapshot.subscription else None
        if current.was_replaced or (current.has_ended and follower is not None and self._runs(follower)):
            successor = f"subscription {follower}" if follower else "another subscription"
            problem = f"names subscription {current.id}, which {successor} has replaced; name that subscription instead"
            raise RequestInvalid([Problem(self.naming_field, problem)])

    @property
    def naming_field(self) -> str:
        """The field by which the request names its subscription."""
        return "salesforceRecordId" if self.request.salesforce_record_id else "subscriptionId"

    def _runs(self, subscription_id: str) -> bool:
        subscription = self.deps.stigg.find_subscription(subscription_id)
        return subscription is not None and not subscription.has_ended

    def not_mapped(self, record: RecordState | None) -> NotFound:
        """Return the error for a record that has no subscription to change."""
        problem = "has no subscription"
        if record is not None and record.pending is not None:
            problem = f"has only the subscription {record.pending.subscription_id}, which awaits payment"
        elif record is not None and record.moved_to is not None:
            problem = f"no longer has a subscription: it moved to record {record.moved_to}"
        elif record is not None and not record.is_blank:
            problem = "no longer has a subscription: it moved to another record, or another subscription replaced it"
        return NotFound(
            "MAPPING_NOT_FOUND",
            f"In the {self.deps.settings.environment} environment the Salesforce record "
            f"{self.request.salesforce_record_id} of org {self.org_id} {problem}.",
        )


def _may_be_repeated(before: Operation, record: RecordState | None) -> bool:
    """Whether an operation can be replayed although its record no longer has a subscription.

    True under the caller's own key, or if the operation itself moved the subscription to another record.
    """
    latest = record.latest if record else None
    return before.explicit_key or (latest is not None and latest.operation_key == before.operation_key)


def now_in_stigg(subscription: Subscription) -> dict[str, Any]:
    """Return the result fields of a subscription that was left unchanged."""
    nothing_done = {"changes": [], "decision": "none", "reasons": [], "blockers": []}
    return {**nothing_done, **subscription_data(subscription), "scheduled_changes": scheduled_changes(subscription)}


def state_of(snapshot: Snapshot, current: Subscription) -> SubscriptionState:
    """Return the stored state of a subscription, or a plain state from Stigg if none is stored."""
    plain = SubscriptionState(current.id, current.customer_id, current.plan_id, current.resource_id)
    return snapshot.subscription or plain


def subscription_id(run: Run) -> str:
    """Return the id of the subscription that a run changes."""
    return str(run.operation.subscription_id)
