"""A run of the tests at another time: each begins at the moment that the environment names.

    TESTS_NOW=2028-02-29T23:59:59.9Z TZ=Europe/Berlin pytest tests/unit

The clock of the test's process is moved, so the tests, the actions in this process and the Stigg emulator all see that
time. Tests of other folders keep the machine's time. So does the AWS stand-in; no table of a test depends on it.
"""

from collections.abc import Callable, Generator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

NOW = "TESTS_NOW"
"""The environment variable that names the moment, in ISO 8601 with its offset."""


class ShiftedClock:
    """A plugin of pytest: a file is collected at the moment, and each of its tests begins at it."""

    def __init__(self, moment: str, moves: Callable[[Path], bool]) -> None:
        self._travel = time_machine.travel(datetime.fromisoformat(moment))
        self._moves = moves

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        """Make it that moment while a file is read."""
        return (yield from self._at_the_moment(collector))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Make it that moment before a test and its fixtures begin."""
        return (yield from self._at_the_moment(item))

    def _at_the_moment(self, node: pytest.Item | pytest.Collector) -> Generator[None, Any, Any]:
        if not self._moves(node.path):
            return (yield)
        with self._travel:
            return (yield)
