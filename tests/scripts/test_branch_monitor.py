"""The measure of branches by the interpreter's events finds what coverage.py's C tracer finds."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.stack.template import ROOT

PROGRAM = """
from contextlib import suppress


def one_way(yes):
    if yes:
        return "yes"
    return "no"


def nothing_after(yes):
    if yes:
        with suppress(ValueError):
            int("x")


def loops(items):
    for item in items:
        if item == 2:
            continue
        if item == 3:
            break
    else:
        return "all"
    while items:
        items.pop()
    return [item for item in items if item]


def yields(items):
    for item in items:
        if item:
            yield from [item]
    for item in items:
        if item > 9:
            yield item


def matched(value):
    match value:
        case int():
            return 1
        case str() if value:
            return 2
        case {"a": found}:
            return found
    return 0


def caught(value):
    try:
        if value and int(value) > 1 or value == "0":
            return True
    except ValueError:
        return False
    finally:
        value = None
    return value


one_way(True), nothing_after(False), loops([1, 2]), loops([3]), list(yields([0])), list(yields([1]))
matched(1), matched("a"), matched(None), caught("x"), caught("0")
"""
MEASURE = """
import runpy, sys
import coverage

measure = coverage.Coverage(data_file=None, config_file=sys.argv[1], include=[sys.argv[2]])
measure.start()
runpy.run_path(sys.argv[2])
measure.stop()
measure.json_report(outfile=sys.argv[3])
print(type(measure._collector.tracers[0]).__name__)
"""
CORES = {"BranchMonitor": 'core = "sysmon"\nplugins = ["tests.support.branch_monitor"]', "CTracer": 'core = "ctrace"'}


def measured(folder: Path, tracer: str) -> dict[str, Any]:
    """Return what was run, and what was not, by a tracer."""
    program, settings, report = folder / "program.py", folder / f"{tracer}.toml", folder / f"{tracer}.json"
    program.write_text(PROGRAM)
    settings.write_text(f"[tool.coverage.run]\nbranch = true\n{CORES[tracer]}\n")
    command: list[str | Path] = [sys.executable, "-c", MEASURE, settings, program, report]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.stdout.splitlines()[-1:] == [tracer], done.stderr
    (found,) = json.loads(report.read_text())["files"].values()
    return dict(found)


def test_same_findings(tmp_path: Path) -> None:
    """Lines and branches that were run, and those that were not, are the same for both."""
    found = {tracer: measured(tmp_path, tracer) for tracer in CORES}

    for kind in ("executed_lines", "missing_lines", "executed_branches", "missing_branches"):
        assert found["BranchMonitor"][kind] == found["CTracer"][kind] != [], kind
