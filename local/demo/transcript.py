"""Print the story: aligned, in color on a terminal, plain in a pipe."""

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from local.demo.callers import Answer
from local.demo.holdings import Holdings, changes, together
from local.demo.steps import Call, Happening, Step, Submission
from local.events import event

_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = "1", "2", "31", "32", "33", "36"
_INDENT = " " * 4
_LABEL_WIDTH = 12
_BAR_WIDTH = 40
_NARROWEST, _WIDEST = 60, 118
_SHOWN_ELSEWHERE = {"success", "outcome", "replayed", "errorCode", "errorMessage", "details", "results"}


class Transcript:
    """Prints each step as it is performed."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._coloured = out.isatty() and "NO_COLOR" not in os.environ
        self._width = max(_NARROWEST, min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST))
        self._number = 0

    def note(self, text: str) -> None:
        """Print a note about the demo itself."""
        self._line(text)

    def chapter(self, title: str) -> None:
        """Print the title of a chapter."""
        self._line("")
        self._line(self._paint(f"{title} ".ljust(self._width, "─"), _BOLD))

    def begin(self, step: Step) -> None:
        """Print the step that is about to be performed."""
        self._number += 1
        self._line("")
        self._paragraph(f"{self._number:>2}  ", step.text, _BOLD)
        if isinstance(step, Call):
            file = event(step.file)
            way = "invoked directly" if file.caller == "direct" else "POST, signed as Salesforce does"
            self._row("request", f"{file.action}  ({way})", _CYAN)
            self._row("", f"events/{file}", _DIM)
        elif isinstance(step, Submission):
            self._row("request", "submit-batch  (POST, signed as Salesforce does), then get-batch", _CYAN)
        elif isinstance(step, Happening):
            self._row("event", step.place, _CYAN)

    def progress(self, batch: Mapping[str, Any]) -> None:
        """Show the progress of a batch as a bar on a terminal. Print nothing in a pipe."""
        if not self._out.isatty():
            return
        filled = _BAR_WIDTH * batch["done"] // batch["total"]
        bar = self._paint("█" * filled, _GREEN) + self._paint("░" * (_BAR_WIDTH - filled), _DIM)
        counts = f"{batch['done']}/{batch['total']}, {batch['failed']} failed"
        if batch["outcome"] == "running":
            counts += f", about {batch['estimatedSeconds']} s left"
        end = "" if batch["outcome"] == "running" else "\n"
        print(f"\r{_INDENT}{'done':<{_LABEL_WIDTH}}{bar} {counts}\033[K", end=end, file=self._out, flush=True)

    def end(self, answer: Answer | None, seconds: float, before: Holdings, after: Holdings) -> None:
        """Print the result of a step."""
        if answer is not None:
            calls = after.calls - before.calls
            effort = f"{calls or 'no'} call{'' if calls == 1 else 's'} to Stigg, {seconds:.2f} s"
            self._answer(answer, effort)
        self._rows("Stigg", changes(before.stigg, after.stigg) or ["  unchanged"])
        self._rows("DynamoDB", changes(before.dynamodb, after.dynamodb) or ["  unchanged"])
        self._rows("Salesforce", changes(before.salesforce, after.salesforce))

    def holdings(self, held: Holdings) -> None:
        """Print the contents at the end."""
        self.chapter("At the end")
        for label, lines in (("Stigg", held.stigg), ("DynamoDB", held.dynamodb), ("Salesforce", held.salesforce)):
            self._line("")
            self._rows(label, together(lines))

    def failure(self, problems: Iterable[str]) -> None:
        """Print the unexpected results."""
        self._line("")
        self._line(self._paint("Unexpected result", _RED))
        for problem in problems:
            self._line(textwrap.indent(problem, _INDENT))

    def _answer(self, answer: Answer, beside: str) -> None:
        body = answer.body
        succeeded = body["success"] is True
        how = "returned" if answer.status is None else f"HTTP {answer.status}"
        if answer.status is None and not succeeded:
            how = "raised"
        what = f"{body['outcome']}{', replayed' if body['replayed'] else ''}" if succeeded else body["errorCode"]
        self._row("answer", f"{how}  {what}  ({beside})", _GREEN if succeeded else _YELLOW)
        if not succeeded:
            self._row("", body["errorMessage"], _YELLOW)
        self._row("", _fields(body), _DIM)
        for result in body.get("results", ()):
            if not result["success"]:
                self._row("", f"{result['index']}: {result['errorMessage']}", _YELLOW)

    def _rows(self, label: str, rows: Iterable[str]) -> None:
        for place, row in enumerate(rows):
            colour = {"+": _GREEN, "-": _RED}.get(row[:1], _DIM)
            self._row("" if place else label, row, colour)

    def _row(self, label: str, text: str, colour: str) -> None:
        self._paragraph(_INDENT + label.ljust(_LABEL_WIDTH), text, colour)

    def _paragraph(self, before: str, text: str, colour: str) -> None:
        room = self._width - len(before)
        lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
        for place, line in enumerate(lines):
            self._line((" " * len(before) if place else before) + self._paint(line, colour))

    def _paint(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._coloured else text

    def _line(self, text: str) -> None:
        print(text, file=self._out, flush=True)


def _fields(body: Mapping[str, Any]) -> str:
    """Return an answer's own fields as one paragraph."""
    fields = {name: value for name, value in body.items() if name not in _SHOWN_ELSEWHERE}
    return "  ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in fields.items()
    )
