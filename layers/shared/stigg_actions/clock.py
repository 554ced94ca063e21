"""The clock, the caller's deadline, waiting, and call statistics. Injected, so that tests can set the time."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from stigg_actions.errors import InProgress

if TYPE_CHECKING:
    from collections.abc import Iterator


class Clock(Protocol):
    """A source of time; seconds since the epoch."""

    def now(self) -> float:
        """Return the present moment in seconds since the epoch."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Return the present moment in seconds since the epoch."""
        return time.time()

    def wait(self, seconds: float) -> None:
        """Sleep for a number of seconds."""
        time.sleep(seconds)


class Deadline(NamedTuple):
    """The moment by which the answer must be ready."""

    clock: Clock
    at: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> Deadline:
        """Return the deadline that lies a number of seconds from now."""
        return cls(clock, clock.now() + seconds)

    def seconds_left(self) -> float:
        """Return the seconds left, never negative."""
        return max(0.0, self.at - self.clock.now())


def date_text(moment: datetime | None) -> str | None:
    """Return a date-time as a mapping stores it: ISO 8601 text in UTC."""
    return None if moment is None else iso(moment.timestamp())


class ServiceStats:
    """The calls to one service and the seconds that they took, whether they succeeded or not."""

    def __init__(self) -> None:
        self.calls = 0
        self.seconds = 0.0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Count the enclosed call and add its duration."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.calls += 1
            self.seconds += time.perf_counter() - begun

    @property
    def milliseconds(self) -> int:
        """The whole time, in milliseconds."""
        return round(self.seconds * 1000)


class CallStats:
    """The remote calls of one invocation so far. ``stigg_date`` is the ``Date`` header of Stigg's last answer.

    ``unreadable`` counts the items in Stigg's lists that were skipped because they could not be read.
    """

    def __init__(self) -> None:
        self.stigg = ServiceStats()
        self.dynamodb = ServiceStats()
        self.retries = 0
        self.stigg_date: str | None = None
        self.unreadable = 0

    def line(self) -> dict[str, int]:
        """Return the statistics as fields of the call's log line."""
        return {
            "stiggCalls": self.stigg.calls,
            "stiggMs": self.stigg.milliseconds,
            "dynamodbCalls": self.dynamodb.calls,
            "dynamodbMs": self.dynamodb.milliseconds,
            "retries": self.retries,
            **({"unreadableItems": self.unreadable} if self.unreadable else {}),
        }


def iso(moment: float) -> str:
    """Return a moment as ISO 8601 text in UTC, to the millisecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


RESERVED_FOR_THE_CALL_SECONDS = 8.0
"""A call stops waiting for other calls when only this much of its time is left."""


_FIRST_WAIT_SECONDS = 0.1


_LONGEST_WAIT_SECONDS = 1.0


class Backoff:
    """Waits of growing length that leave ``reserved`` seconds of the caller's time."""

    def __init__(self, deadline: Deadline, *, reserved: float = RESERVED_FOR_THE_CALL_SECONDS) -> None:
        self._deadline = deadline
        self._reserved = reserved
        self._seconds = _FIRST_WAIT_SECONDS

    def once(self) -> None:
        """Wait once, longer each time.

        Raises:
            InProgress: the wait would not leave the reserved time.
        """
        if self._deadline.seconds_left() < self._reserved + self._seconds:
            raise in_progress("The same request, or another write of this customer, is running", retry_after=5)
        self._deadline.clock.wait(self._seconds)
        self._seconds = min(self._seconds * 1.5, _LONGEST_WAIT_SECONDS)


def in_progress(problem: str, *, retry_after: int) -> InProgress:
    """Return the error that asks the caller to try again later."""
    return InProgress("IN_PROGRESS", f"{problem}; try again.", retry_after_seconds=retry_after)
