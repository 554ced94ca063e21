"""The results of a file as a CSV file for Salesforce Data Loader: one line for each row, in the order of the rows.

The file is also the memory of a run: its name contains what was asked for, and each page is added in one piece once it
is completed. A run that was stopped continues after the last whole page.
"""

import csv
import fcntl
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self, TextIO

from console.errors import BadInputError
from console.files.pages import Page
from stigg_actions import decimal_json

COLUMNS = (
    *("Id", "outcome", "errorCode", "errorMessage"),
    *("subscriptionId", "status", "cancellationDate", "customerId"),
)
FAILED = "failed"

_STARTS_OF_FORMULAS = ("=", "+", "-", "@")


class Result(NamedTuple):
    """What became of one row."""

    record_id: str
    outcome: str
    error_code: str = ""
    error_message: str = ""
    subscription_id: str = ""
    status: str = ""
    """Status of the subscription."""
    cancellation_date: str = ""
    """When the subscription ends, if that is set."""
    customer_id: str = ""

    @property
    def failed(self) -> bool:
        """Whether the row failed."""
        return self.outcome == FAILED


class ResultsFile:
    """The results of a run, open for adding to it. One program at a time may have it open."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self.path = path
        self._file = file
        self._is_at_end = False

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the results of a run, or begin them.

        Raises:
            BadInputError: the file cannot be written, another program has it open, or it holds something else.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BadInputError(f"{path} cannot be written: {error.strerror}.") from None
        results = cls(path, os.fdopen(descriptor, "r+", newline="\n", encoding="utf-8", errors="replace"))
        with ExitStack() as unless_begun:
            unless_begun.callback(results.close)
            results.begin()
            unless_begun.pop_all()
        return results

    def begin(self) -> None:
        """Lock the file, and write its header or check the one that is there. Raises as ``open``."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInputError(
                f"Another run is sending this file: it has {self.path} open. Wait for its end."
            ) from None
        header, written = _line(COLUMNS), self._file.readline()
        if not written.endswith("\n") and header.startswith(written):
            self._cut(0)
            self._write(header)
        elif written != header:
            raise self._foreign()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, which ends the lock."""
        self._file.close()

    def of_page(self, page: Page) -> list[Result] | None:
        """Return the results of a page that an earlier run completed; None for a page that is to be sent.

        Pages must be asked for in their order. A part of a page is removed. Raises BadInputError if the results are
        those of other rows.
        """
        if self._is_at_end:
            return None
        start = self._file.tell()
        lines = [self._file.readline() for _ in page.requests]
        if not all(line.endswith("\n") for line in lines):
            self._cut(start)
            self._is_at_end = True
            return None
        results = [*self._read(lines)]
        if [harmless(record_id) for record_id in page.record_ids] != [result.record_id for result in results]:
            raise self._foreign()
        return results

    def add(self, results: Sequence[Result]) -> None:
        """Add the results of a page in one piece, and wait until the disk has them."""
        self._write("".join(_line(result) for result in results))

    def _read(self, lines: Sequence[str]) -> Iterator[Result]:
        for cells in csv.reader(lines):
            if len(cells) != len(COLUMNS):
                raise self._foreign()
            yield Result(*cells)

    def _write(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _cut(self, position: int) -> None:
        self._file.seek(position)
        self._file.truncate()

    def _foreign(self) -> BadInputError:
        return BadInputError(
            f"{self.path} has other content than the results of this run: it was edited or saved by another program. "
            "Move it away and run the command again. Pages that were sent are answered as repeats."
        )


def results_path(file: Path, run: str, folder: Path | None) -> Path:
    """Return where the results of a run are: beside the file, or in a folder."""
    return (folder or file.parent) / f"{file.stem}.results-{run[:12]}.csv"


def result_of(record_id: str, answer: dict[str, Any]) -> Result:
    """Return the result of a row from that of its request, whose whole answer is JSON text in it."""
    whole = {**decimal_json.loads(answer["answerText"]), **answer}
    return Result(
        record_id,
        str(answer.get("outcome", "")) if answer["success"] else FAILED,
        *(str(whole.get(name, "")) for name in COLUMNS[2:]),
    )


def harmless(cell: str) -> str:
    """Return a cell on one line and as text, because a spreadsheet would run what starts as a formula does."""
    line = " ".join(cell.splitlines())
    return f"'{line}" if line.lstrip().startswith(_STARTS_OF_FORMULAS) else line


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([harmless(cell) for cell in cells])
    return text.getvalue()
