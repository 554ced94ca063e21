"""Time, injected: what the moment is, how to wait, and how much of the caller's time is left."""

import time
from typing import NamedTuple, Protocol


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
    def after(cls, clock: Clock, seconds: float) -> "Deadline":
        """Return the deadline so many seconds from now."""
        return cls(clock, clock.now() + seconds)

    def seconds_left(self) -> float:
        """Return the seconds left, never negative."""
        return max(0.0, self.at - self.clock.now())
