"""The records of other lines, whose subscription has ended because a new one took its place."""

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
    """A record without what has ended, and that subscription."""

    record: RecordState
    subscription_id: str


def closed_records(run: Run, ended: Sequence[LiveSubscription], owner: Owner, deps: Deps) -> Iterator[Closed]:
    """Return the records of subscriptions that have ended, but for the owner's own.

    The record that the request named keeps this operation as its latest; any other may ask for its own anew.
    """
    gone = {one.subscription_id for one in ended}
    places = {(one.org_id, one.record_id) for one in ended} - {(owner.org_id, owner.record_id)}
    for org_id, record_id in sorted((str(org), str(record)) for org, record in places if org and record):
        record = deps.ledger.record(org_id, record_id)
        closed = _closed(record, gone) if record else None
        if closed is not None:
            named = record_id == run.snapshot.target.record_id
            done = latest(run.operation, deps.clock.now()) if named else None
            yield replace(closed, record=replace(closed.record, latest=done))


def _closed(record: RecordState, gone: set[str]) -> Closed | None:
    """Return a record without what is gone, None if nothing of it is."""
    mapped = [one for one in (record.current, record.upcoming) if one is not None]
    over = [one.subscription_id for one in mapped if one.subscription_id in gone]
    if not over:
        return None
    return Closed(replace(record, current=_left(record.current, gone), upcoming=_left(record.upcoming, gone)), over[0])


def _left(mapped: MappedSubscription | None, gone: set[str]) -> MappedSubscription | None:
    return None if mapped is not None and mapped.subscription_id in gone else mapped
