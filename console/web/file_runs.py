"""The files that were given to the console: each is checked, and sent, in a thread of its own."""

import csv
import io
import os
import re
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from console.errors import BadInputError, ConsoleError
from console.file_checks import BadFileError, CheckedFile, check_file, request_class_of
from console.files.checking import Problem
from console.files.columns import Choices
from console.files.results import COLUMNS, FAILED
from console.files.rows import CsvFile
from console.known_columns import known_columns
from console.page_sender import PageSender
from console.submission import RunOptions, Submission, Totals
from console.web.calls import Calls

LONGEST_NAME = 80


class Purpose(StrEnum):
    """What is done with a file."""

    CHECK = "check"
    DRY_RUN = "dryRun"
    SEND = "send"


class Given(NamedTuple):
    """A file, and how it is read."""

    path: Path
    action: str
    mapped: Mapping[str, str] = {}
    constants: Mapping[str, str] = {}
    ignored: Sequence[str] = ()
    id_column: str | None = None


@dataclass
class FileRun:
    """One run of a file: how far it is, and what became of it."""

    given: Given
    purpose: Purpose
    name: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    part: str = "Waiting"
    reached: int = 0
    total: int | None = None
    began: float = field(default_factory=time.monotonic)
    ended: bool = False
    error: str = ""
    problems: Sequence[Problem] = ()
    totals: Totals | None = None
    results: Path | None = None

    def start(self, text: str, total: int | None) -> None:
        """Begin a part of the work, of so many rows if that is known."""
        self.part, self.total, self.reached, self.began = text, total, 0, time.monotonic()

    def reach(self, rows: int) -> None:
        """Note that so many rows of the part are done."""
        self.reached = rows

    @property
    def seconds_left(self) -> float | None:
        """The estimated time until the part is done, from its pace so far; None while that is not known."""
        if self.total is None or not self.reached:
            return None
        return (time.monotonic() - self.began) / self.reached * (self.total - self.reached)

    @property
    def succeeded(self) -> bool:
        """Whether it ended without a bad cell, an error or a failed row."""
        return self.ended and not self.error and not (self.totals and self.totals.failed)


class FileRuns:
    """All runs since the console was started, newest first."""

    def __init__(self, calls: Calls, folder: Path) -> None:
        self._calls = calls
        self._folder = folder
        self._runs: dict[str, FileRun] = {}
        self._threads: dict[str, threading.Thread] = {}

    @property
    def all(self) -> list[FileRun]:
        """Every run, newest first."""
        return list(reversed(self._runs.values()))

    def run(self, run_id: str) -> FileRun | None:
        """Return a run by its id."""
        return self._runs.get(run_id)

    def keep(self, name: str, content: bytes) -> Path:
        """Write a file that was uploaded, for the operator's eyes only."""
        folder = self._folder / secrets.token_hex(8)
        folder.mkdir(parents=True, mode=0o700)
        stem = re.sub(r"[^A-Za-z0-9 ._-]", "_", Path(name).stem).strip(". ")[:LONGEST_NAME]
        return _written(folder / f"{stem or 'file'}.csv", content)

    def start(self, given: Given, purpose: Purpose, name: str = "") -> FileRun:
        """Begin a run.

        Raises:
            ReadOnlyError: the file is not only to be checked, and the console is read-only.
            BadInputError: the action has no dry run.
        """
        if purpose is not Purpose.CHECK:
            self._calls.refuse_unless_writing()
        if purpose is Purpose.DRY_RUN and not has_dry_run(given.action):
            raise BadInputError(f"{given.action} has no dry run. Check the file instead.")
        run = FileRun(given, purpose, name)
        self._runs[run.id] = run
        self._threads[run.id] = threading.Thread(target=self._carry_out, args=(run,), daemon=True)
        self._threads[run.id].start()
        return run

    def wait(self, run: FileRun) -> None:
        """Wait until a run has ended."""
        self._threads[run.id].join()

    def send_again(self, run: FileRun) -> FileRun:
        """Send the rows of a run again that failed, as a file and a run of their own. Raises as ``start``."""
        path = self.keep(f"{run.given.path.stem} again.csv", failures(run).encode())
        return self.start(run.given._replace(path=path), Purpose.SEND, name=secrets.token_hex(4))

    def _carry_out(self, run: FileRun) -> None:
        try:
            checked = self._checked(run)
            if run.purpose is not Purpose.CHECK:
                self._send(run, checked)
        except BadFileError as error:
            run.error, run.problems = str(error), error.problems
        except ConsoleError as error:
            run.error = str(error)
        except Exception as error:  # noqa: BLE001 - a page waits for the end of the thread
            run.error = f"The run stopped: {type(error).__name__}. To continue, give the same file again."
        finally:
            run.ended = True

    @staticmethod
    def _checked(run: FileRun) -> CheckedFile:
        given = run.given
        known = known_columns(given.action, CsvFile(given.path).header)
        asked = {"dryRun": "true"} if run.purpose is Purpose.DRY_RUN else {}
        choices = Choices({**known, **given.mapped}, given.ignored, {**given.constants, **asked}, given.id_column)
        return check_file(given.path, given.action, choices, {}, run)

    def _send(self, run: FileRun, checked: CheckedFile) -> None:
        sender = PageSender(self._calls.stack, run.given.action, {})
        submission = Submission(checked, sender, RunOptions(run.name, folder=self._folder))
        run.results = submission.results
        run.totals = submission.send(run)


def has_dry_run(action: str) -> bool:
    """Whether an action can report what it would do. Raises BadInputError if a batch cannot hold the action."""
    return "dry_run" in request_class_of(action).model_fields


def failed_results(run: FileRun) -> list[dict[str, str]]:
    """Return the results of the rows that failed, each with the number of its row in the file."""
    return [result for result in _results(run) if result["outcome"] == FAILED]


def failures(run: FileRun) -> str:
    """Return the rows that failed as a CSV file with the header of the original, to be corrected and sent again."""
    file = CsvFile(run.given.path)
    failed = {result["row"] for result in failed_results(run)}
    rows = [row.cells for row in file.rows() if str(row.number) in failed]
    return _csv([file.header, *rows])


def _results(run: FileRun) -> list[dict[str, str]]:
    if run.results is None:
        return []
    with run.results.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file, fieldnames=COLUMNS))[1:]
    rows = CsvFile(run.given.path).rows()
    return [{"row": str(row.number), **line} for row, line in zip(rows, lines, strict=False)]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _written(path: Path, content: bytes) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return path
