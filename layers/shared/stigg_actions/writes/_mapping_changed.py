"""Update the mappings after a write has changed one subscription."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.clock import iso
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.dates import with_dates_of
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import Changes, HistoryEntry, RecordState, ResourceState, SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Collection

    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.storage.mapping import LatestOperation, MappedSubscription
    from stigg_actions.storage.snapshot import Run


def changed_mappings(run: Run, effect: Effect[SubscriptionAnswer], *, event: str, now: float) -> Changes:
    """Return the changes to the subscription's state, its record, its resource and the history.

    The operation becomes the subscription's latest, so that the stored result of an earlier one is not replayed.
    """
    answer, done = effect.answer, latest(run.operation, now)
    state = run.snapshot.subscription or SubscriptionState(
        answer.subscription_id, answer.customer_id, answer.plan_id, answer.resource_id
    )
    record = _mapped_to(run.snapshot.record, answer.subscription_id)
    known = replace(state, latest=done)
    if answer.status in ENDED:
        known = without_ramp(known)
    if effect.terms is not None:
        waiting = effect.scheduled_terms or {}
        by = run.operation.operation_key if waiting else None
        known = replace(known, terms=effect.terms, scheduled_terms=waiting, scheduled_by=by)
    return Changes(
        run.customer,
        resource=_resource(run.snapshot.resource, answer, done),
        records=(_record(record, answer, run.operation.operation_key, done),) if record else (),
        history=(_entry(record, run, answer, event, now),) if record and answer.outcome != "unchanged" else (),
        subscriptions=(known,),
    )


def without_ramp(state: SubscriptionState) -> SubscriptionState:
    """Return a subscription that has ended, or that its record gave up, without the later segments of its ramp."""
    if state.ramp is None:
        return state
    from stigg_actions.storage import ramps  # noqa: PLC0415 - few subscriptions have a ramp

    return ramps.without_ramp(state)


def without_what_ended(changes: Changes, gone: Collection[str]) -> Changes:
    """Return the changes without the scheduled subscriptions that were called off or dropped, by their ids."""
    resource = changes.resource
    if resource is not None:
        kept = {name: subscription for name, subscription in resource.live.items() if name not in gone}
        resource = replace(resource, live=kept)
    records = tuple(
        replace(record, upcoming=None) if record.upcoming and record.upcoming.subscription_id in gone else record
        for record in changes.records
    )
    return replace(changes, resource=resource, records=records)


def _resource(before: ResourceState | None, answer: SubscriptionAnswer, done: LatestOperation) -> ResourceState | None:
    if before is None:
        return None
    return replace(before.without(answer.subscription_id) if answer.status in ENDED else before, latest=done)


def _mapped_to(record: RecordState | None, subscription_id: str) -> RecordState | None:
    """Return the record if the subscription is its current or upcoming one."""
    mapped = (record.current, record.upcoming) if record else ()
    return record if any(entry and entry.subscription_id == subscription_id for entry in mapped) else None


def _record(record: RecordState, answer: SubscriptionAnswer, key: str, done: LatestOperation) -> RecordState:
    upcoming = record.upcoming
    if upcoming and upcoming.subscription_id == answer.subscription_id:
        kept = None if answer.status in ENDED else _mapped(upcoming, answer, key)
        return replace(record, upcoming=kept).settled_by(done)
    return replace(record, current=record.current and _mapped(record.current, answer, key)).settled_by(done)


def _mapped(before: MappedSubscription, answer: SubscriptionAnswer, key: str) -> MappedSubscription:
    return with_dates_of(replace(before, status=answer.status, operation_key=key), answer)


def _entry(record: RecordState, run: Run, answer: SubscriptionAnswer, event: str, now: float) -> HistoryEntry:
    key = run.operation.operation_key
    return HistoryEntry(record.org_id, record.record_id, iso(now), event, answer.subscription_id, key)
