"""How fast batches write: never more of one kind of write in a minute than Stigg allows, whoever runs them.

The item of a kind holds the moments at which its latest writes were let through, as many as a minute may have. The next
one may go a minute after the first of them. So the requests of a small batch wait for nothing, those of a large one go
at the rate that Stigg allows, and all workers of a deployment share it.
"""

from __future__ import annotations

import json
from threading import Lock
from typing import TYPE_CHECKING

from stigg_actions.storage.dynamodb import ConditionFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stigg_actions.clock import Clock
    from stigg_actions.settings import Settings
    from stigg_actions.storage.dynamodb import Database

WINDOW_SECONDS = 61.0
"""A minute, and what calls may differ in the time they take to reach Stigg."""


class RateLimiter:
    """The pace of all batches of a deployment. Raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._table = settings.batches_table
        self._most = settings.batch_writes_per_minute
        self._clock = clock
        self._one_at_a_time = Lock()

    def seconds_until_next(self, kind: str) -> float:
        """Claim the next turn for a kind of write, and return in how many seconds that is."""
        with self._one_at_a_time:  # threads of one worker need not race for the item
            return self._claim(kind)

    def _claim(self, kind: str) -> float:
        key = {"batch_key": "pace", "sk": kind}
        while True:
            (item,) = self._database.read([(self._table, key)])
            version, turns = (int(item["version"]), json.loads(item["turns"])) if item else (0, [])
            now = self._clock.now()
            turn = next_turn(turns, now, most=self._most)
            latest = json.dumps([*turns, round(turn, 3)][-self._most :])  # as text: a list would be slow to read
            try:
                self._database.put(
                    self._table,
                    {**key, "version": version + 1, "turns": latest},
                    condition="attribute_not_exists(batch_key) OR version = :version",
                    values={":version": version},
                )
            except ConditionFailedError:  # another worker was faster
                continue
            return turn - now


def next_turn(turns: Sequence[float], now: float, *, most: int) -> float:
    """Return when the next write may go, after those before: in no window more than ``most``."""
    return max(now, turns[-most] + WINDOW_SECONDS) if len(turns) >= most else now
