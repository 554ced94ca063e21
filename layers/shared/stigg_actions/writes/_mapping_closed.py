"""Close the mappings of other records whose subscription ended when a new one replaced it."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.storage.ledger import latest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.storage.mapping import LiveSubscription, MappedSubscription, RecordState
    from stigg_actions.storage.snapshot import Run
    from stigg_actions.writes._metadata import Owner


class Closed(NamedTuple):
    """A record without its ended subscription, and the id of that subscription."""

    record: RecordState
    subscription_id: str


def closed_records(run: Run, ended: Sequence[LiveSubscription], owner: Owner, deps: Deps) -> Iterator[Closed]:
    """Return the records of ended subscriptions, except the owner's.

    The record that the request named keeps this operation as its latest. Any other record has none, so that a
    request for it runs again.
    """
    gone = {subscription.subscription_id for subscription in ended}
    places = {(old.org_id, old.record_id) for old in ended} - {(owner.org_id, owner.record_id)}
    for org_id, record_id in sorted((str(org), str(record)) for org, record in places if org and record):
        record = deps.ledger.record(org_id, record_id)
        closed = _closed(record, gone) if record else None
        if closed is not None:
            named = record_id == run.snapshot.target.record_id
            done = latest(run.operation, deps.clock.now()) if named else None
            yield replace(closed, record=replace(closed.record, latest=done))


def _closed(record: RecordState, gone: set[str]) -> Closed | None:
    """Return a record without its ended subscriptions, or None if none of them has ended."""
    mapped = [entry.subscription_id for entry in (record.current, record.upcoming) if entry is not None]
    over = [subscription_id for subscription_id in mapped if subscription_id in gone]
    if not over:
        return None
    return Closed(replace(record, current=_left(record.current, gone), upcoming=_left(record.upcoming, gone)), over[0])


def _left(mapped: MappedSubscription | None, gone: set[str]) -> MappedSubscription | None:
    return None if mapped is not None and mapped.subscription_id in gone else mapped
