"""Clocks on which nothing has to be waited for."""

from stigg_actions.clock import SystemClock


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
