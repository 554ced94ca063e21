"""Coverage of branches by the interpreter's own events, which Python 3.13 has and coverage.py uses from 3.14 on.

Its C tracer is called for every line of every library, so counted tests take twice the time. These events are asked of
the measured files alone, and each is switched off once it has been seen. In 3.13 a branch has one event for both ways
instead of two: it stays on until both were taken. With Python 3.14 delete this file and its line in pyproject.toml.
"""

import dis
import sys
from types import CodeType
from typing import override

from coverage import bytecode, core, env
from coverage.plugin_support import Plugins
from coverage.sysmon import MonitorReturn, SysMonitor
from coverage.types import TConfigurable, TOffset


class BranchMonitor(SysMonitor):
    """Hears of each branch until it was taken both ways."""

    def __init__(self) -> None:
        super().__init__()
        self._taken: dict[tuple[int, TOffset], TOffset] = {}

    @override
    def sysmon_branch_either(
        self, code: CodeType, instruction_offset: TOffset, destination_offset: TOffset
    ) -> MonitorReturn:
        first = self._taken.get((id(code), instruction_offset))
        if first == destination_offset:
            return None
        self._taken[id(code), instruction_offset] = destination_offset
        disable = super().sysmon_branch_either(code, instruction_offset, destination_offset)
        return None if first is None else disable


def coverage_init(_plugins: Plugins, _options: TConfigurable) -> None:
    """Let coverage.py use the events of Python 3.13; it calls this before it chooses how to measure."""
    events = sys.monitoring.events
    events.BRANCH_LEFT = events.BRANCH_RIGHT = events.BRANCH  # type: ignore[attr-defined]  # 3.14 has both
    env.PYBEHAVIOR.branch_right_left = True
    bytecode.RETURNS.add(dis.opmap["RETURN_CONST"])  # 3.14 has no such instruction
    core.SysMonitor = BranchMonitor  # type: ignore[attr-defined]
