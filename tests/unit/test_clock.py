"""Time and deadlines."""

import time

from stigg_actions.clock import Deadline, SystemClock
from tests.support.fakes import FakeClock


def test_system_clock() -> None:
    """The machine's clock shows the machine's time, and a wait lasts."""
    clock, before = SystemClock(), time.time()
    clock.wait(0.01)

    assert before + 0.01 <= clock.now() <= time.time()


def test_deadline() -> None:
    """A deadline counts down to nothing, and not below."""
    clock = FakeClock()
    deadline = Deadline.after(clock, 10)
    clock.wait(4)
    left = deadline.seconds_left()
    clock.wait(7)

    assert (left, deadline.seconds_left()) == (6, 0)
