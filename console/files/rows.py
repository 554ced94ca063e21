"""Read a CSV file row by row, twice: once to check it and once to send it."""

import csv
import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from console.errors import BadInputError

HEADER_ROW = 1
"""Rows are numbered as spreadsheets number them: the header is row 1."""

LONGEST_CELL = 1_000_000
"""The most characters of a cell that are read; a request takes far fewer, and says how many."""

_SAVE_AGAIN = "Save it as CSV UTF-8, with commas between the columns."


class Row(NamedTuple):
    """A row of the file: its number, and its cells in the order of the header."""

    number: int
    cells: list[str]


class CsvFile:
    """A CSV file with a header. Only one row of it is in memory at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state = self._present_state()

    @cached_property
    def header(self) -> list[str]:
        """The names of the columns. Raises BadInputError if the file has none, or one twice."""
        first = next(self._read(), None)
        if first is None:
            raise BadInputError(f"{self.path} is empty. The first row must name the columns.")
        names = [name.strip() for name in first.cells]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise BadInputError(f"{self.path} has the column {doubled[0]!r} twice. Rename or remove one.")
        if len(names) == 1 and ";" in names[0]:
            raise BadInputError(f"{self.path} has semicolons between its columns. {_SAVE_AGAIN}")
        return names

    @cached_property
    def digest(self) -> str:
        """A digest of the whole content."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, without empty ones.

        Raises:
            BadInputError: the file is not text in UTF-8, is not valid CSV, or was changed after it was checked.
        """
        self.refuse_changes()
        yield from (row for row in self._read() if row.number > HEADER_ROW)

    def refuse_changes(self) -> None:
        """Raise BadInputError if the file was changed after it was first looked at."""
        if self._present_state() != self._state:
            raise BadInputError(
                f"{self.path} was changed meanwhile. Run the command again: the changed file is checked and sent as a "
                "new one."
            )

    def _read(self) -> Iterator[Row]:
        csv.field_size_limit(LONGEST_CELL)
        try:
            with self.path.open(newline="", encoding="utf-8-sig") as file:
                for number, cells in enumerate(csv.reader(file, strict=True), start=HEADER_ROW):
                    if any(cell.strip() for cell in cells):
                        yield Row(number, cells)
        except UnicodeDecodeError:
            raise BadInputError(f"{self.path} is not text in UTF-8. {_SAVE_AGAIN}") from None
        except csv.Error as error:
            raise BadInputError(f"{self.path} is not valid CSV: {error}. {_SAVE_AGAIN}") from None

    def _present_state(self) -> tuple[int, int, int]:
        try:
            state = self.path.stat()
        except OSError as error:
            raise BadInputError(f"{self.path} cannot be read: {error.strerror}.") from None
        if not self.path.is_file():
            raise BadInputError(f"{self.path} is not a file. It is read twice, so a pipe cannot be used.")
        return state.st_ino, state.st_size, state.st_mtime_ns
