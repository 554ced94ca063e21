"""The records of Salesforce with their history: read at once, and restored where they were lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stigg_actions import mapping_items
from stigg_actions.puts import Puts

if TYPE_CHECKING:
    from stigg_actions.clock import Clock
    from stigg_actions.dynamodb import Database
    from stigg_actions.mappings import Changes, HistoryEntry, RecordState, SubscriptionState
    from stigg_actions.settings import Settings

LONGEST_HISTORY = 100
"""Lines of history that are read; the older ones stay in the table."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a record, if anything, and the latest of what happened to it, oldest first."""

    state: RecordState | None = None
    history: tuple[HistoryEntry, ...] = ()


class Records:
    """The records of one deployment. Every method raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._mappings = settings.mappings_table
        self._clock = clock
        self._puts = Puts(database, settings)

    def read(self, org_id: str, record_id: str) -> Record:
        """Read a record with its history: they are one partition, and the record itself comes last in it."""
        key = mapping_items.record_key(org_id, record_id)
        items = self._database.last(self._mappings, partition=("pk", key["pk"]), most=LONGEST_HISTORY + 1)
        lines = [mapping_items.read_history(item) for item in reversed(items) if item["sk"] != key["sk"]]
        state = next((item for item in items if item["sk"] == key["sk"]), None)
        record = mapping_items.read_record(state)
        return Record(record and record.at(self._clock.now()), tuple(lines[-LONGEST_HISTORY:]))

    def restore(self, changes: Changes, subscription: SubscriptionState, before: SubscriptionState | None) -> None:
        """Write what was found lost, in one transaction and without a lease: nothing may have changed since the reads.

        Raises:
            ConditionFailedError: something has; nothing was written.
        """
        found = self._puts.subscription_found(subscription, before)
        self._database.transact([*self._puts.changes(changes), found])
