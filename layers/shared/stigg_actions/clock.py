"""Time: the present moment, waiting, the caller's deadline, and what a call takes. Injected, so that tests set it."""

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
        """Let so many seconds pass."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Return the present moment in seconds since the epoch."""
        return time.time()

    def wait(self, seconds: float) -> None:
        """Sleep for so many seconds."""
        time.sleep(seconds)


class Deadline(NamedTuple):
    """The moment by which the answer has to be ready."""

    clock: Clock
    at: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> Deadline:
        """Return the deadline so many seconds from now."""
        return cls(clock, clock.now() + seconds)

    def seconds_left(self) -> float:
        """Return the seconds left, never negative."""
        return max(0.0, self.at - self.clock.now())


def date_text(moment: datetime | None) -> str | None:
    """Return a moment as a mapping keeps it: ISO text in UTC."""
    return None if moment is None else iso(moment.timestamp())


class ServiceStats:
    """What one service had to do for a call: times it was asked, and seconds until it answered, or did not."""

    def __init__(self) -> None:
        self.calls = 0
        self.seconds = 0.0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Add what is done inside."""
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
    """All that one call has taken so far. ``stigg_date`` is the header ``Date`` of the last answer: Stigg's time.

    ``unreadable`` counts the items of Stigg's lists that were skipped because they could not be read.
    """

    def __init__(self) -> None:
        self.stigg = ServiceStats()
        self.dynamodb = ServiceStats()
        self.retries = 0
        self.stigg_date: str | None = None
        self.unreadable = 0

    def line(self) -> dict[str, int]:
        """Return what the line of the call tells of it."""
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
"""Waiting for others stops when only this much of the caller's time is left."""


_FIRST_WAIT_SECONDS = 0.1


_LONGEST_WAIT_SECONDS = 1.0


class Backoff:
    """The waits of one request, each longer than the one before; they leave ``reserved`` seconds of its time."""

    def __init__(self, deadline: Deadline, *, reserved: float = RESERVED_FOR_THE_CALL_SECONDS) -> None:
        self._deadline = deadline
        self._reserved = reserved
        self._seconds = _FIRST_WAIT_SECONDS

    def once(self) -> None:
        """Wait a while.

        Raises:
            InProgress: the caller's time would run out.
        """
        if self._deadline.seconds_left() < self._reserved + self._seconds:
            raise in_progress("The same request, or another write of this customer, is running", retry_after=5)
        self._deadline.clock.wait(self._seconds)
        self._seconds = min(self._seconds * 1.5, _LONGEST_WAIT_SECONDS)


def in_progress(problem: str, *, retry_after: int) -> InProgress:
    """Return the error for a caller who has to come back later."""
    return InProgress("IN_PROGRESS", f"{problem}; try again.", retry_after_seconds=retry_after)
