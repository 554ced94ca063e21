"""Update the mappings after what waited on a subscription was dropped."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.clock import iso
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import Changes, HistoryEntry
from stigg_actions.writes._mapping_changed import changed_mappings, without_what_ended
from stigg_actions.writes._mapping_closed import Closed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.cancel_scheduled_update import DroppedUpdates
    from stigg_actions.storage.mapping import RecordState
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run

_EVENT = "updateDropped"


class DroppedMapping(NamedTuple):
    """The mappings without what was dropped: terms, subscriptions that were to start, and unpaid ones."""

    run: Run
    effect: Effect[DroppedUpdates]
    deps: Deps
    now: float

    def changes(self) -> Changes:
        """Return the changes to the subscription, its record and history, and to the records of what was to start."""
        changes = self._of_unpaid() if self._is_unpaid else self._of_subscription()
        elsewhere = list(self._elsewhere())
        return replace(
            changes,
            records=(*map(self._without_pages, changes.records), *(closed.record for closed in elsewhere)),
            history=(*changes.history, *self._history(elsewhere)),
            voided=tuple(self._voided()),
        )

    @property
    def _record(self) -> RecordState | None:
        return self.run.snapshot.record

    @property
    def _is_unpaid(self) -> bool:
        pages = self._record.awaited if self._record else ()
        return self.effect.answer.subscription_id in {page.subscription_id for page in pages}

    @property
    def _pages(self) -> list[str]:
        """The ids of the subscriptions that were never paid for."""
        return [change.subscription_id for change in self.effect.answer.dropped if change.subscription_id]

    def _of_subscription(self) -> Changes:
        changes = changed_mappings(self.run, self.effect, event=_EVENT, now=self.now)
        state = self.run.snapshot.subscription
        followed_by = state.followed_by if state else None
        gone = {ended.subscription_id for ended in self.effect.ended}
        (known,) = changes.subscriptions
        kept = replace(
            known,
            followed_by=None if followed_by in gone else followed_by,
            scheduled_by=state.scheduled_by if state and known.scheduled_terms else None,
        )
        return replace(without_what_ended(changes, gone), subscriptions=(kept,))

    def _of_unpaid(self) -> Changes:
        """Return the changes to a record whose subscription does not exist before it is paid for."""
        record = self._record
        settled = (record.settled_by(latest(self.run.operation, self.now)),) if record else ()
        return Changes(self.run.customer, records=settled)

    def _without_pages(self, record: RecordState) -> RecordState:
        for page in self._pages:
            record = record.without_page(page)
        return record

    def _elsewhere(self) -> Iterator[Closed]:
        """Yield the other records whose subscription was to start, with the subscription as ended."""
        own = self._record.record_id if self._record else None
        for ended in self.effect.ended:
            is_other = ended.record_id not in {None, own}
            record = self.deps.ledger.record(str(ended.org_id), str(ended.record_id)) if is_other else None
            current = record.current if record else None
            if record is not None and current is not None and current.subscription_id == ended.subscription_id:
                canceled = replace(record, current=replace(current, status="CANCELED"), latest=None)
                yield Closed(canceled, ended.subscription_id)

    def _history(self, elsewhere: Sequence[Closed]) -> Iterator[HistoryEntry]:
        """Yield a line for each subscription that was dropped."""
        own, gone = self._record, {ended.subscription_id for ended in self.effect.ended}
        here = [(own, mapped.subscription_id) for mapped in own.mapped] if own else []
        for record, subscription_id in [*elsewhere, *here]:
            if subscription_id in gone:
                yield self._entry(record, "calledOff", subscription_id)
        yield from (self._entry(record, "pageDropped", page) for record in (own,) if record for page in self._pages)

    def _entry(self, record: RecordState, event: str, subscription_id: str) -> HistoryEntry:
        at, key = iso(self.now), self.run.operation.operation_key
        return HistoryEntry(record.org_id, record.record_id, at, event, subscription_id, key)

    def _voided(self) -> Iterator[tuple[Operation, Operation]]:
        """Yield the operations whose payment was awaited, before and after: their answers are no longer true."""
        state = self.run.snapshot.subscription
        unpaid = any(change.status == "PENDING_PAYMENT" for change in self.effect.answer.dropped)
        pages = self._record.awaited if self._record else ()
        keys = {page.operation_key for page in pages if page.subscription_id in self._pages}
        if state and state.scheduled_by and unpaid:
            keys.add(state.scheduled_by)
        for operation in map(self.deps.ledger.newest, sorted(keys)):
            if operation is not None and operation.awaits_payment:
                yield operation, _voided(operation, self.run.operation.made_at)


def _voided(operation: Operation, as_of: int) -> Operation:
    """Return an operation whose payment is no longer awaited, without its payment page."""
    answer = {name: value for name, value in (operation.answer or {}).items() if name != "checkoutUrl"}
    return replace(operation, answer=answer, voided_as_of=as_of)
