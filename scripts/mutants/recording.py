"""A pytest plugin that records the lines of the deployed code that each test runs, and its duration.

It uses the interpreter's events (``sys.monitoring``), for each line once in a test, so it costs little time. Every
process of xdist writes its own file.
"""

import json
import os
import sys
import time
from collections.abc import Generator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from scripts.mutants.candidates import PLACES

TOOL = 4
"""A tool number that is free: debuggers have 0, coverage 1, profilers 2, optimizers 5."""
FOLDER = "MUTANTS_RECORDING"
"""The environment variable that names the folder of the recording."""

_ROOTS = tuple(f"{place.absolute()}{os.sep}" for place in PLACES)


class Recorder:
    """Records the lines that run, test by test."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}.jsonl"
        self._lines: set[tuple[str, int]] = set()

    def start(self) -> None:
        """Start recording."""
        sys.monitoring.use_tool_id(TOOL, "mutants")
        sys.monitoring.register_callback(TOOL, sys.monitoring.events.LINE, self._note)
        sys.monitoring.set_events(TOOL, sys.monitoring.events.LINE)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Record while a test runs, including its fixtures."""
        self._lines.clear()
        sys.monitoring.restart_events()
        began = time.perf_counter()
        result = yield
        line = {"test": item.nodeid, "seconds": time.perf_counter() - began, "lines": sorted(self._lines)}
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")
        return result

    def _note(self, code: CodeType, line: int) -> object:
        if code.co_filename.startswith(_ROOTS):
            self._lines.add((os.path.relpath(code.co_filename), line))
        return sys.monitoring.DISABLE


def pytest_configure(config: pytest.Config) -> None:
    """Start a recorder in this process."""
    recorder = Recorder(Path(os.environ[FOLDER]))
    recorder.start()
    config.pluginmanager.register(recorder)
