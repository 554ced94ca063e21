"""Limit the rate at which batches write to what Stigg allows in a minute for each kind of write.

The item of a kind holds the times of its latest writes, as many as a minute may have. The next write may run a minute
after the first of them. So a small batch does not wait, a large one runs at the rate that Stigg allows, and all workers
of a deployment share the limit.
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
"""A minute, plus the difference in the time that calls take to reach Stigg."""


class RateLimiter:
    """The rate limit of all batches of a deployment. Raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._table = settings.batches_table
        self._most = settings.batch_writes_per_minute
        self._clock = clock
        self._one_at_a_time = Lock()

    def seconds_until_next(self, kind: str) -> float:
        """Claim the next turn for a kind of write, and return the seconds until then."""
        with self._one_at_a_time:  # threads of one worker do not compete for the item
            return self._claim(kind)

    def _claim(self, kind: str) -> float:
        key = {"batch_key": "pace", "sk": kind}
        while True:
            (item,) = self._database.read([(self._table, key)])
            version, turns = (int(item["version"]), json.loads(item["turns"])) if item else (0, [])
            now = self._clock.now()
            turn = next_turn(turns, now, most=self._most)
            latest = json.dumps([*turns, round(turn, 3)][-self._most :])  # text is faster to read than a list
            try:
                self._database.put(
                    self._table,
                    {**key, "version": version + 1, "turns": latest},
                    condition="attribute_not_exists(batch_key) OR version = :version",
                    values={":version": version},
                )
            except ConditionFailedError:  # another worker claimed a turn
                continue
            return turn - now


def next_turn(turns: Sequence[float], now: float, *, most: int) -> float:
    """Return when the next write may run, so that no window has more than ``most``."""
    return max(now, turns[-most] + WINDOW_SECONDS) if len(turns) >= most else now
