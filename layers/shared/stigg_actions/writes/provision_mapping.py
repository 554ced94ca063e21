"""What a provisioned subscription changes in the mappings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeGuard

from stigg_actions.ledger import latest
from stigg_actions.mappings import (
    Changes,
    HistoryEntry,
    LatestOperation,
    LiveSubscription,
    MappedSubscription,
    RecordState,
    ResourceState,
    SubscriptionState,
)
from stigg_actions.operations import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.models.subscription_data import ProvisionedAnswer
    from stigg_actions.standing import Ticket
    from stigg_actions.writes.base import Effect
    from stigg_actions.writes.marks import Owner

_ENDED = {"CANCELED", "EXPIRED"}


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a subscription is provisioned: how the history calls it, and what it follows.

    ``before_downgrade`` is the subscription that a later renewal can restore.
    """

    event: str | None = None
    event_ahead: str | None = None
    predecessor_id: str | None = None
    before_downgrade: str | None = None
    changes_customer: bool = False

    def told(self, outcome: str) -> str:
        """Return the event of the history for an outcome."""
        events = {"created": self.event, "replaced": self.event, "scheduled": self.event_ahead}
        return events.get(outcome) or outcome


@dataclass(frozen=True, slots=True)
class ProvisionedMapping:
    """The mappings after a subscription was provisioned for an owner, read from how things stood before."""

    ticket: Ticket
    effect: Effect[ProvisionedAnswer]
    owner: Owner
    occasion: Occasion
    deps: Deps

    def changes(self) -> Changes:
        """Return the record's new mapping, the resource's live subscriptions, and what was replaced closed.

        A subscription that has ended by the time it is looked up changes no mapping.
        """
        before = self.ticket.customer
        customer = replace(before, latest=self._done) if self.occasion.changes_customer else before
        if self._answer.status in _ENDED:
            return Changes(customer)
        closed = list(self._closed_records())
        return Changes(
            customer=customer,
            resource=self._resource(),
            records=(*self._record(), *(record for record, _ in closed)),
            history=(*self._closings(closed), *self._history()),
            subscriptions=tuple(self._states()),
            account=self._account(),
        )

    @property
    def _answer(self) -> ProvisionedAnswer:
        return self.effect.answer

    @property
    def _done(self) -> LatestOperation:
        return latest(self.ticket.operation, self.deps.clock.now())

    @property
    def _gone(self) -> set[str]:
        return {one.subscription_id for one in self.effect.ended}

    @property
    def _live(self) -> LiveSubscription | None:
        """The new subscription, unless nothing comes of it before it is paid."""
        answer, owner = self._answer, self.owner
        if answer.status == "PAYMENT_REQUIRED":
            return None
        org_id = owner.org_id if owner.record_id else None
        return LiveSubscription(answer.subscription_id, answer.plan_id, answer.resource_id, org_id, owner.record_id)

    def _states(self) -> Iterator[SubscriptionState]:
        """Return the new subscription's state, and that of the one that the request named."""
        named, live = self.effect.subject or self.ticket.standing.subscription, self._live
        if named is not None and (live is None or named.subscription_id != live.subscription_id):
            yield replace(named, latest=self._done)
        if live is not None:
            yield SubscriptionState(
                live.subscription_id,
                self._answer.customer_id,
                live.plan_id,
                live.resource_id,
                live.org_id,
                live.record_id,
                terms=self.effect.terms or {},
                before_downgrade=self.occasion.before_downgrade,
                latest=self._done,
            )

    def _resource(self) -> ResourceState:
        before = self.ticket.standing.resource or ResourceState(self.ticket.customer.customer_id)
        kept = {name: one for name, one in before.live.items() if name not in self._gone}
        new = {self._live.subscription_id: self._live} if self._live else {}
        return replace(before, live={**kept, **new}, latest=self._done)

    def _record(self) -> list[RecordState]:
        """Map the owner's record: to what runs now; what has yet to start follows what runs until then."""
        if self.owner.record_id is None:
            return []
        empty = RecordState(self.owner.org_id, self.owner.record_id, self._answer.customer_id)
        before, mapped = self._record_before() or empty, self._mapped()
        if self._answer.outcome == "paymentRequired":
            return [replace(before, pending=mapped, latest=self._done)]
        settled = replace(before, customer_id=self._answer.customer_id, pending=None, latest=self._done)
        over = {*self._gone, self._answer.subscription_id}
        if mapped.starts_at is not None and self._runs_on(before, over):
            return [replace(settled, upcoming=mapped)]
        kept = before.upcoming if before.upcoming and before.upcoming.subscription_id not in over else None
        return [replace(settled, current=mapped, upcoming=kept)]

    def _record_before(self) -> RecordState | None:
        """Return the owner's record: as it was read, or read now if the request named another one."""
        names = self.ticket.standing.names
        if (names.org_id, names.record_id) == (self.owner.org_id, self.owner.record_id):
            return self.ticket.standing.record
        return self.deps.ledger.record(self.owner.org_id, str(self.owner.record_id))

    def _mapped(self) -> MappedSubscription:
        answer = self._answer
        starts = answer.start_date if answer.status == "NOT_STARTED" else None
        return MappedSubscription(
            answer.subscription_id,
            answer.plan_id,
            answer.status,
            self.ticket.operation.operation_key,
            answer.resource_id,
            answer.checkout_url,
            starts_at=int(starts.timestamp()) if starts else None,
        )

    def _runs_on(self, record: RecordState, over: set[str]) -> bool:
        """Whether the record's current subscription runs until the new one starts."""
        live = self.ticket.standing.resource.live if self.ticket.standing.resource else {}
        return record.current is not None and record.current.subscription_id in live.keys() - over

    def _closed_records(self) -> Iterator[tuple[RecordState, str]]:
        """Return the records of other lines whose subscription has ended by this one, without it, and its id.

        The record that the request named keeps this operation as its latest; any other may ask for its own anew.
        """
        others = {(one.org_id, one.record_id): one for one in self.effect.ended}
        for one in others.values():
            record = self._other_record(one)
            mapped = (record.current, record.upcoming) if record else ()
            over = [each for each in mapped if self._has_gone(each)]
            if record and over:
                named = record.record_id == self.ticket.standing.names.record_id
                current = None if self._has_gone(record.current) else record.current
                upcoming = None if self._has_gone(record.upcoming) else record.upcoming
                done = self._done if named else None
                yield replace(record, current=current, upcoming=upcoming, latest=done), over[0].subscription_id

    def _has_gone(self, mapped: MappedSubscription | None) -> TypeGuard[MappedSubscription]:
        return mapped is not None and mapped.subscription_id in self._gone

    def _other_record(self, live: LiveSubscription) -> RecordState | None:
        """Read the record of a subscription that has ended, unless it is the owner's own."""
        if live.org_id is None or live.record_id is None:
            return None
        if (live.org_id, live.record_id) == (self.owner.org_id, self.owner.record_id):
            return None
        return self.deps.ledger.record(live.org_id, live.record_id)

    def _closings(self, closed: list[tuple[RecordState, str]]) -> Iterator[HistoryEntry]:
        for record, subscription_id in closed:
            yield HistoryEntry(
                record.org_id,
                record.record_id,
                self._now,
                "closed",
                subscription_id,
                self.ticket.operation.operation_key,
                replaced_by_subscription_id=self._answer.subscription_id,
                other_record_id=self.owner.record_id,
            )
        yield from self._left_behind(closed)

    def _left_behind(self, closed: list[tuple[RecordState, str]]) -> Iterator[HistoryEntry]:
        """Tell the record that the request named, if it keeps its subscription until the new one starts elsewhere."""
        names, answer = self.ticket.standing.names, self._answer
        is_told = any(record.record_id == names.record_id and record.current is None for record, _ in closed)
        if self._from_record_id is not None and answer.outcome == "scheduled" and not is_told:
            yield HistoryEntry(
                names.org_id,
                self._from_record_id,
                self._now,
                self.occasion.told(answer.outcome),
                str(self.occasion.predecessor_id),
                self.ticket.operation.operation_key,
                replaced_by_subscription_id=answer.subscription_id,
                other_record_id=self.owner.record_id,
            )

    @property
    def _from_record_id(self) -> str | None:
        """The record that the request named, if the new subscription belongs to another one."""
        named = self.ticket.standing.names.record_id
        return None if named == self.owner.record_id else named

    def _history(self) -> Iterator[HistoryEntry]:
        owner, answer = self.owner, self._answer
        if owner.record_id is None or answer.outcome == "unchanged":
            return
        yield HistoryEntry(
            owner.org_id,
            owner.record_id,
            self._now,
            self.occasion.told(answer.outcome),
            answer.subscription_id,
            self.ticket.operation.operation_key,
            answer.replaced_subscription_id or self.occasion.predecessor_id,
            other_record_id=self._from_record_id,
        )

    @property
    def _now(self) -> str:
        return iso(self.deps.clock.now())

    def _account(self) -> tuple[str, str] | None:
        """Return the account to be linked to the customer, if no customer is linked to it yet."""
        unlinked = self.owner.account_id and self.ticket.standing.linked_customer_id is None
        return (self.owner.org_id, str(self.owner.account_id)) if unlinked else None
