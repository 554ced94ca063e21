"""Clocks that a test moves."""

import threading
from typing import TYPE_CHECKING

from stigg_actions.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable


class SkippingClock(SystemClock):
    """The machine's time, which can be moved forward. A wait is over at once, unless calls run beside each other."""

    def __init__(self) -> None:
        self.skipped = 0.0
        self.meanwhile: Callable[[], object] = list

    def now(self) -> float:
        """Return the present moment, as moved."""
        return super().now() + self.skipped

    def wait(self, seconds: float) -> None:
        """Let what runs beside this go on, and let the time pass; in a thread, wait for the others to go on."""
        self.meanwhile()
        if threading.current_thread() is threading.main_thread():
            self.skip(seconds)
        else:
            super().wait(seconds)

    def skip(self, seconds: float) -> None:
        """Move the clock forward."""
        self.skipped += seconds


class StillClock(SkippingClock):
    """The full second in which it was made, until it is moved or somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self._began = float(int(super().now()))

    def now(self) -> float:
        """Return the moment of its making, as moved."""
        return self._began + self.skipped

    def wait(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.skip(seconds)


class NotingClock:
    """The machine's time, moved forward by every wait."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def now(self) -> float:
        """Return the present moment, as moved."""
        return SystemClock().now() + sum(self.waited)

    def wait(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.waited.append(seconds)
