"""The demo's progress bar, and lines that are told together."""

import io

from local.demo.holdings import MOST_ALIKE, changes, together
from local.demo.transcript import Transcript

HALF = {"outcome": "running", "done": 100, "total": 200, "failed": 3, "estimatedSeconds": 12}
ALL = {"outcome": "completed", "done": 200, "total": 200, "failed": 3}


class Terminal(io.StringIO):
    """Text that is shown on a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def test_on_a_terminal() -> None:
    """On a terminal one line fills, with counts and an estimate, and ends when all is done."""
    out = Terminal()
    for batch in (HALF, ALL):
        Transcript(out).progress(batch)
    half, full = out.getvalue().split("\r")[1:]

    assert (half.count("█"), half.count("░")) == (20, 20)
    assert "100/200, 3 failed, about 12 s left" in half
    assert (full.count("█"), full.count("░")) == (40, 0)
    assert (full.endswith("\n"), "left" in full) == (True, False)


def test_in_a_pipe() -> None:
    """In a pipe nothing moves, so nothing is written."""
    out = io.StringIO()
    Transcript(out).progress(HALF)

    assert out.getvalue() == ""


def test_lines_alike() -> None:
    """More than ten lines that differ in numbers alone are told as one."""
    few, many = ([f"customer c-{number}" for number in range(count)] for count in (MOST_ALIKE, MOST_ALIKE + 1))

    assert together(["x", *few]) == sorted([*few, "x"])
    assert together(["x", *many]) == ["11 x customer c-#", "x"]
    assert changes((), tuple(many)) == ("+ 11 x customer c-#",)
