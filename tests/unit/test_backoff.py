"""Waiting for others."""

import pytest

from stigg_actions.clock import Backoff, Deadline
from stigg_actions.errors import InProgress
from tests.support.fakes import FakeClock


def test_waits_grow() -> None:
    """Each wait is longer than the one before, up to a second."""
    clock = FakeClock()
    waits = Backoff(Deadline.after(clock, 60))
    for _ in range(9):
        waits.once()

    assert [round(wait, 3) for wait in clock.waited] == [0.1, 0.15, 0.225, 0.338, 0.506, 0.759, 1, 1, 1]


def test_time_that_is_kept() -> None:
    """Waiting goes on as long as what is kept of the time is left, here less than for a call."""
    clock = FakeClock()
    waits = Backoff(Deadline.after(clock, 5), reserved=2.5)
    for _ in range(6):
        waits.once()
    with pytest.raises(InProgress):
        waits.once()

    assert 2 < sum(clock.waited) < 2.1


def test_no_time_left() -> None:
    """Waiting ends while there is still time for the call itself; the caller is told when to come back."""
    clock = FakeClock()
    waits = Backoff(Deadline.after(clock, 11))
    for _ in range(6):
        waits.once()
    with pytest.raises(InProgress, match=r"IN_PROGRESS: .* is running; try again") as refused:
        waits.once()

    assert 2 < sum(clock.waited) < 2.1
    assert (refused.value.http_status, refused.value.may_retry, refused.value.retry_after_seconds) == (409, True, 5)
