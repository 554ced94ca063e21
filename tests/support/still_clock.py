"""A clock on which only waits take time."""

from tests.support.harness import SkippingClock


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
