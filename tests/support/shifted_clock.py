"""A run of the tests at another time: each begins at the moment that the environment names.

    TESTS_NOW=2028-02-29T23:59:59.9Z TZ=Europe/Berlin pytest tests/unit

The clock of the test's process is moved, so the tests, the actions in this process and the Stigg emulator all see that
time. The AWS stand-in is a process of its own and keeps the machine's time; no table of a test depends on it.
"""

from collections.abc import Generator
from datetime import datetime
from typing import Any

import pytest
import time_machine

NOW = "TESTS_NOW"
"""The environment variable that names the moment, in ISO 8601 with its offset."""


class ShiftedClock:
    """A plugin of pytest: the clock starts at the same moment for the collection, and again for every test."""

    def __init__(self, moment: str) -> None:
        self._moment = datetime.fromisoformat(moment)
        self._travel = time_machine.travel(self._moment)
        self._traveller = self._travel.start()

    def pytest_unconfigure(self) -> None:
        """Return to the machine's time."""
        self._travel.stop()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, Any, Any]:
        """Make it that moment before a test and its fixtures begin."""
        self._traveller.move_to(self._moment)
        return (yield)
