"""Waiting for somebody else's write to end, as long as the caller's time allows."""

from stigg_actions.clock import Deadline
from stigg_actions.errors import InProgress

RESERVED_FOR_THE_CALL_SECONDS = 8.0
"""Waiting for others stops when only this much of the caller's time is left."""

_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 1.0


class Waits:
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
