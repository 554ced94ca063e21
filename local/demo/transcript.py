"""The story on paper: aligned, coloured on a terminal, plain in a pipe."""

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from local.demo.callers import Answer
from local.demo.holdings import Holdings, changes, together
from local.demo.steps import Call, Step, Submission
from local.events import event

_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = "1", "2", "31", "32", "33", "36"
_INDENT = " " * 4
_LABEL_WIDTH = 10
_BAR_WIDTH = 40
_NARROWEST, _WIDEST = 60, 118
_TOLD_ELSEWHERE = {"success", "outcome", "replayed", "errorCode", "errorMessage", "details", "results"}


class Transcript:
    """Writes what happens, as it happens."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._coloured = out.isatty() and "NO_COLOR" not in os.environ
        self._width = max(_NARROWEST, min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST))
        self._number = 0

    def note(self, text: str) -> None:
        """Say something about the demo itself."""
        self._line(text)

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._line("")
        self._line(self._paint(f"{title} ".ljust(self._width, "─"), _BOLD))

    def begin(self, step: Step) -> None:
        """Tell what is about to be done."""
        self._number += 1
        self._line("")
        self._paragraph(f"{self._number:>2}  ", step.told, _BOLD)
        if isinstance(step, Call):
            file = event(step.file)
            way = "invoked directly" if file.caller == "direct" else "POST, signed as Salesforce does"
            self._row("asked", f"{file.action}  ({way})", _CYAN)
            self._row("", f"events/{file}", _DIM)
        elif isinstance(step, Submission):
            self._row("asked", "submit-batch  (POST, signed as Salesforce does), then get-batch", _CYAN)
        else:
            self._row("happens", "in Stigg, without any call", _CYAN)

    def progress(self, batch: Mapping[str, Any]) -> None:
        """Show how far a batch is: a bar that fills on a terminal, nothing in a pipe."""
        if not self._out.isatty():
            return
        filled = _BAR_WIDTH * batch["done"] // batch["total"]
        bar = self._paint("█" * filled, _GREEN) + self._paint("░" * (_BAR_WIDTH - filled), _DIM)
        told = f"{batch['done']}/{batch['total']}, {batch['failed']} failed"
        if batch["outcome"] == "running":
            told += f", about {batch['estimatedSeconds']} s left"
        end = "" if batch["outcome"] == "running" else "\n"
        print(f"\r{_INDENT}{'done':<{_LABEL_WIDTH}}{bar} {told}\033[K", end=end, file=self._out, flush=True)

    def end(self, answer: Answer | None, seconds: float, before: Holdings, after: Holdings) -> None:
        """Tell what came of it."""
        if answer is not None:
            calls = after.calls - before.calls
            told = f"{calls or 'no'} call{'' if calls == 1 else 's'} to Stigg, {seconds:.2f} s"
            self._answer(answer, told)
        self._rows("Stigg", changes(before.stigg, after.stigg) or ["  unchanged"])
        self._rows("DynamoDB", changes(before.dynamodb, after.dynamodb) or ["  unchanged"])

    def holdings(self, held: Holdings) -> None:
        """Tell what is there at the end."""
        self.chapter("In the end")
        for label, lines in (("Stigg", held.stigg), ("DynamoDB", held.dynamodb)):
            self._line("")
            self._rows(label, together(lines))

    def failure(self, problems: Iterable[str]) -> None:
        """Tell what is not as it must be."""
        self._line("")
        self._line(self._paint("This is not as it must be.", _RED))
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
    """Put an answer's own fields into one paragraph."""
    told = {name: value for name, value in body.items() if name not in _TOLD_ELSEWHERE}
    return "  ".join(f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in told.items())
