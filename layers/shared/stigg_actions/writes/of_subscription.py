"""What the writes of one subscription share: which it is, whose it is, and what a change of it changes here."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.dated import dated
from stigg_actions.errors import NotFound, Problem, RequestInvalid
from stigg_actions.ledger import latest
from stigg_actions.mappings import Changes, HistoryEntry, RecordState, ResourceState, SubscriptionState
from stigg_actions.models.base import Answer
from stigg_actions.models.subscription_changes import SubscriptionRequest
from stigg_actions.operations import Status, iso
from stigg_actions.shown import scheduled_changes, subscription_data
from stigg_actions.standing import Names
from stigg_actions.stigg.wire import ENDED
from stigg_actions.writes.base import Effect, Write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.mappings import LatestOperation, MappedSubscription
    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.operations import Operation
    from stigg_actions.standing import Standing, Ticket
    from stigg_actions.stigg.wire import Subscription


class OfSubscription[Request: SubscriptionRequest, Result: Answer](Write[Request, Result]):
    """A write of one subscription, named by its id or by its record."""

    @property
    def names(self) -> Names:
        """The subscription or the record, as the request names it."""
        request = self.request
        return Names(self.org_id, record_id=request.salesforce_record_id, subscription_id=request.subscription_id)

    def found_out(self, standing: Standing) -> Names:
        """Return the names with customer, subscription, record and resource, as the mapping or Stigg tells them."""
        if self.request.salesforce_record_id is not None:
            return self._by_record(standing)
        if standing.subscription is not None:
            return self._of(standing.subscription)
        found = self.deps.stigg.get_subscription(str(self.request.subscription_id))
        return replace(self.names, customer_id=found.customer_id, resource_id=found.resource_id, of_resource=True)

    def still_found(self, standing: Standing) -> bool:
        """Whether the record still has the subscription that was read of it first."""
        current = standing.record.current if standing.record else None
        if self.request.salesforce_record_id is None or current is None:
            return True
        return current.subscription_id == standing.names.subscription_id

    def latest(self, standing: Standing) -> LatestOperation | None:
        """Return the operation that last changed this subscription."""
        return standing.subscription.latest if standing.subscription else None

    def present(self, standing: Standing, by: LatestOperation) -> Mapping[str, Any]:  # noqa: ARG002 - Stigg shows it
        """Return how the subscription is now, as Stigg shows it. Raises as the client does."""
        return now_in_stigg(self.deps.stigg.get_subscription(str(standing.names.subscription_id)))

    def _by_record(self, standing: Standing) -> Names:
        record, before = standing.record, standing.operation
        if record is not None and record.current is not None:
            return replace(
                self.names,
                customer_id=record.customer_id,
                subscription_id=record.current.subscription_id,
                resource_id=record.current.resource_id,
                of_resource=True,
            )
        if before is not None and before.status is Status.SUCCEEDED and _may_be_repeated(before, record):
            return replace(self.names, customer_id=before.customer_id, subscription_id=before.subscription_id)
        raise self.not_mapped(record)

    def _of(self, state: SubscriptionState) -> Names:
        return replace(
            self.names,
            org_id=state.org_id or self.org_id,
            customer_id=state.customer_id,
            record_id=state.record_id,
            resource_id=state.resource_id,
            of_resource=True,
        )

    def refuse_followed(self, standing: Standing, current: Subscription) -> None:
        """Refuse to provision after a subscription whose place another one has: that one would be replaced.

        Raises:
            RequestInvalid: it was replaced, or has ended and another one runs in its place.
        """
        follower = standing.subscription.followed_by if standing.subscription else None
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


def state_of(standing: Standing, current: Subscription) -> SubscriptionState:
    """Return what is known of a subscription, or what was just read of one of which nothing is."""
    plain = SubscriptionState(current.id, current.customer_id, current.plan_id, current.resource_id)
    return standing.subscription or plain


def subscription_id(ticket: Ticket) -> str:
    """Return the subscription that a write is about."""
    return str(ticket.operation.subscription_id)


def changes(ticket: Ticket, effect: Effect[SubscriptionAnswer], *, event: str, now: float) -> Changes:
    """Return what a change of a subscription changes here: its own state, its record, its resource, the history.

    Whatever changes a subscription becomes its latest operation, so that what was answered before is not given again.
    """
    answer, done = effect.answer, latest(ticket.operation, now)
    state = ticket.standing.subscription or SubscriptionState(
        answer.subscription_id, answer.customer_id, answer.plan_id, answer.resource_id
    )
    record = _mapped_to(ticket.standing.record, answer.subscription_id)
    known = replace(state, latest=done)
    if effect.terms is not None:
        known = replace(known, terms=effect.terms, scheduled_terms=effect.scheduled_terms or {})
    return Changes(
        ticket.customer,
        resource=_resource(ticket.standing.resource, answer, done),
        records=(_record(record, answer, ticket.operation.operation_key, done),) if record else (),
        history=(_entry(record, ticket, answer, event, now),) if record and answer.outcome != "unchanged" else (),
        subscriptions=(known,),
    )


def _resource(before: ResourceState | None, answer: SubscriptionAnswer, done: LatestOperation) -> ResourceState | None:
    if before is None:
        return None
    return replace(before.without(answer.subscription_id) if answer.status in ENDED else before, latest=done)


def _mapped_to(record: RecordState | None, subscription_id: str) -> RecordState | None:
    """Return a record if a subscription is its current or its upcoming one."""
    mapped = (record.current, record.upcoming) if record else ()
    return record if any(one and one.subscription_id == subscription_id for one in mapped) else None


def _record(record: RecordState, answer: SubscriptionAnswer, key: str, done: LatestOperation) -> RecordState:
    upcoming = record.upcoming
    if upcoming and upcoming.subscription_id == answer.subscription_id:
        kept = None if answer.status in ENDED else _mapped(upcoming, answer, key)
        return replace(record, upcoming=kept).settled_by(done)
    return replace(record, current=record.current and _mapped(record.current, answer, key)).settled_by(done)


def _mapped(before: MappedSubscription, answer: SubscriptionAnswer, key: str) -> MappedSubscription:
    return dated(replace(before, status=answer.status, operation_key=key), answer)


def _entry(record: RecordState, ticket: Ticket, answer: SubscriptionAnswer, event: str, now: float) -> HistoryEntry:
    key = ticket.operation.operation_key
    return HistoryEntry(record.org_id, record.record_id, iso(now), event, answer.subscription_id, key)
