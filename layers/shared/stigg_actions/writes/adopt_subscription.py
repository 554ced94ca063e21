"""The write behind adopt-subscription."""

from __future__ import annotations

from copy import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import Conflict, OutcomeUnknown, Problem, RequestInvalid
from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.start import current_snapshot
from stigg_actions.exactly_once.write import Effect, NextStep, Write
from stigg_actions.models.adopt_subscription import AdoptedSubscription, AdoptSubscription
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions.response_fields import drop_none, scheduled_changes, subscription_data
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._mapping_adopted import AdoptedMapping, displaced, former_record
from stigg_actions.writes._metadata import Owner, marks, owner_marks
from stigg_actions.writes.ownership import refuse_other_customer, refuse_other_link, to_claim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes, LatestOperation, MappedSubscription, RecordState
    from stigg_actions.storage.snapshot import Run, Snapshot


class AdoptSubscriptionWrite(Write[AdoptSubscription, AdoptedSubscription]):
    """Map a record to a subscription that was not made here. In Stigg, only its metadata change."""

    kind = "adopt"
    result = AdoptedSubscription

    def rehearsed(self) -> AdoptedSubscription:
        """Return what the request would do. Raises what it would raise before it sends anything."""
        snapshot = current_snapshot(self)
        newer = freshness.newer(self.request, self.latest(snapshot))
        if newer is not None:
            return self.superseded(snapshot, newer)
        self.check_owner(snapshot)
        current = self.deps.stigg.get_subscription(self.request.subscription_id)
        other = self._checked(current, snapshot)
        outcome = "unchanged" if self._is_adopted(current, snapshot) else "dryRun"
        return self._answer(current, snapshot, outcome, other)

    @property
    def target(self) -> Target:
        """The record, account and subscription that the request names."""
        request = self.request
        return Target(
            self.org_id,
            record_id=request.salesforce_record_id,
            account_id=request.salesforce_account_id,
            of_resource=True,
            subscription_id=request.subscription_id,
        )

    def resolve_target(self, snapshot: Snapshot) -> Target:  # noqa: ARG002 - only Stigg knows whose it is
        """Add the customer and the resource of the subscription, as Stigg shows them."""
        current = self.deps.stigg.get_subscription(self.request.subscription_id)
        return replace(self.target, customer_id=current.customer_id, resource_id=current.resource_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed the record."""
        return snapshot.record.latest if snapshot.record else None

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse an account that is linked to another customer, and a record of another customer."""
        customer_id = str(snapshot.target.customer_id)
        refuse_other_link(snapshot, self.request.salesforce_account_id, customer_id)
        refuse_other_customer(snapshot.record, customer_id, self.deps)

    def claims(self, snapshot: Snapshot) -> tuple[RecordState, ...]:
        """Return the record, if it is free and must be claimed."""
        return to_claim(snapshot.target, self.request.salesforce_record_id, snapshot.record)

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:  # noqa: ARG002 - Stigg shows it
        """Return the record's subscription as Stigg shows it now. Raises what the client raises."""
        mapped = snapshot.record.mapped if snapshot.record else ()
        present_id = mapped[0].subscription_id if mapped else self.request.subscription_id
        current = self.deps.stigg.get_subscription(present_id)
        return {**subscription_data(current), "scheduled_changes": scheduled_changes(current)}

    def send(self, run: Run) -> Effect[AdoptedSubscription]:
        """Mark the subscription with its record and account, unless it is marked. All else is read before."""
        current = self.deps.stigg.get_subscription(self.request.subscription_id)
        other = self._checked(current, run.snapshot)
        if self._is_adopted(current, run.snapshot):
            return Effect(self._answer(current, run.snapshot, "unchanged", other))
        if not self._is_marked(current):
            metadata = {**current.metadata, **marks(run.operation, self._owner)}
            self.deps.stigg.update_subscription(current.id, body={"metadata": metadata})
            current = self.deps.stigg.read_back(current.id)
        if not self._is_marked(current):
            raise OutcomeUnknown(
                "OUTCOME_UNKNOWN",
                f"Stigg accepted the metadata of subscription {current.id}, but does not show them yet.",
            )
        return Effect(self._answer(current, run.snapshot, "adopted", other))

    def find_effect(self, run: Run) -> Effect[AdoptedSubscription] | None:
        """Return the effect if the subscription is marked with its record and account."""
        current = self.deps.stigg.find_subscription(self.request.subscription_id)
        if current is None or not self._is_marked(current):
            return None
        other = displaced(run.snapshot.record, current, self.deps)
        return Effect(self._answer(current, run.snapshot, "adopted", other))

    def on_repeat(self, run: Run) -> NextStep | AdoptedSubscription:
        """Replay the result while the record has the subscription; else start a new intent."""
        before = self.replayed_answer(run.operation)
        still_so = partial(self._is_adopted, snapshot=run.snapshot)
        return _repeat_policy.when_changed(run, before, still_so, self.deps)

    def mapping_changes(self, run: Run, effect: Effect[AdoptedSubscription]) -> Changes | None:
        """Map the record to the subscription; release what the record had, and the record that the subscription had."""
        return AdoptedMapping(run, effect.answer, self._owner, self.deps).changes()

    @property
    def _owner(self) -> Owner:
        return Owner(self.org_id, self.request.salesforce_record_id, self.request.salesforce_account_id)

    def _is_marked(self, current: Subscription) -> bool:
        return owner_marks(self._owner).items() <= current.metadata.items()

    def _is_adopted(self, current: Subscription, snapshot: Snapshot) -> bool:
        """Whether record, subscription and marks name each other, and the account is linked."""
        state, record, account_id = snapshot.subscription, snapshot.record, self.request.salesforce_account_id
        owner = (state.org_id, state.record_id) if state else None
        has_it = any(mapped.subscription_id == current.id for mapped in (record.mapped if record else ()))
        is_linked = account_id is None or snapshot.linked_customer_id is not None
        return has_it and is_linked and self._is_marked(current) and owner == (self.org_id, snapshot.target.record_id)

    def _checked(self, current: Subscription, snapshot: Snapshot) -> MappedSubscription | None:
        """Return the subscription that the record loses, if any. Refuse to replace a mapping unasked.

        Raises:
            RequestInvalid: the subscription has ended.
            Conflict: it belongs to another customer, or the record or the subscription is mapped otherwise.
        """
        if current.has_ended:
            problem = f"names subscription {current.id}, which is {current.status}; adopt one that has not ended"
            raise RequestInvalid([Problem("subscriptionId", problem)])
        if len({current.customer_id, snapshot.target.customer_id, self.request.customer_id or current.customer_id}) > 1:
            raise Conflict(
                "CUSTOMER_MISMATCH",
                f"Subscription {current.id} belongs to customer {current.customer_id}. "
                "Correct customerId, or move the subscription first (delegate-subscription).",
            )
        other = displaced(snapshot.record, current, self.deps)
        if not self.request.replace_mapping:
            self._refuse_mapped(current, other, former_record(snapshot))
        return other

    def _refuse_mapped(
        self, current: Subscription, other: MappedSubscription | None, former: tuple[str, str] | None
    ) -> None:
        """Refuse to replace the mapping of the record, or of the subscription. Raises Conflict, naming both."""
        record_id = self.request.salesforce_record_id
        if other is not None:
            raise Conflict(
                "RECORD_IN_USE",
                f"The Salesforce record {record_id} has subscription {other.subscription_id} ({other.plan_id}, "
                f"{other.status}), and the request gives it subscription {current.id}. Use another record, or send "
                f"replaceMapping true: {other.subscription_id} then runs without a record.",
            )
        if former is not None:
            its = former[1] if former[0] == self.org_id else f"{former[1]} of org {former[0]}"
            raise Conflict(
                "RECORD_IN_USE",
                f"Subscription {current.id} belongs to the Salesforce record {its}, and the request gives it to "
                f"{record_id}. Name {its}, or send replaceMapping true: {its} then has no subscription.",
            )

    def _answer(
        self, current: Subscription, snapshot: Snapshot, outcome: str, other: MappedSubscription | None
    ) -> AdoptedSubscription:
        former = former_record(snapshot)
        optional = {
            "released_subscription_id": other.subscription_id if other else None,
            "previous_record_id": former[1] if former else None,
        }
        return AdoptedSubscription.model_validate(
            {
                "outcome": outcome,
                **subscription_data(current),
                "scheduled_changes": scheduled_changes(current),
                **drop_none(optional),
            }
        )
