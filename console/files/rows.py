"""Read a CSV file row by row, twice: once to check it and once to send it."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

from console.errors import BadInputError

HEADER_ROW = 1
"""Rows are numbered as spreadsheets number them: the header is row 1."""

LONGEST_CELL = 1_000_000
"""The most characters of a cell that are read; a request takes far fewer, and says how many."""

_SAVE_AGAIN = "Save it as CSV UTF-8, with commas between the columns."
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_EXCELS_OWN_LINE = "sep="
"""With this, the first line of a file names the separator, for Excel alone."""


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
        problem = _problem_of_header(names)
        if problem:
            raise BadInputError(f"{self.path} {problem}")
        return names

    @cached_property
    def digest(self) -> str:
        """A digest of the whole content."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, without empty ones.

        Raises:
            BadInputError: the file is not text in UTF-8, is not valid CSV, or was changed after it was checked. The
                first such row is named.
        """
        self.refuse_changes()
        yield from islice(self._read(), 1, None)

    def refuse_changes(self) -> None:
        """Raise BadInputError if the file was changed after it was first looked at."""
        if self._present_state() != self._state:
            raise BadInputError(
                f"{self.path} was changed meanwhile. Run the command again: the changed file is checked and sent as a "
                "new one."
            )

    def _read(self) -> Iterator[Row]:
        csv.field_size_limit(LONGEST_CELL)
        row = Row(HEADER_ROW - 1, [])
        try:
            with self.path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
                for row in map(Row, count(HEADER_ROW), csv.reader(file, strict=True)):
                    self._refuse_other_encodings(row)
                    if any(cell.strip() for cell in row.cells):
                        yield row
        except csv.Error as error:
            raise BadInputError(
                f"{self.path} is not valid CSV in row {row.number + 1}: {error}. Look there for a quote that does not "
                f"end. {_SAVE_AGAIN}"
            ) from None

    def _refuse_other_encodings(self, row: Row) -> None:
        for place, cell in enumerate(row.cells, start=1):
            if not _is_text(cell):
                raise BadInputError(
                    f"{self.path} is not text in UTF-8, first in row {row.number}, cell {place}. {_SAVE_AGAIN}"
                )

    def _present_state(self) -> tuple[int, int, int]:
        try:
            state = self.path.stat()
        except OSError as error:
            raise BadInputError(f"{self.path} cannot be read: {error.strerror}.") from None
        if not self.path.is_file():
            raise BadInputError(f"{self.path} is not a file. It is read twice, so a pipe cannot be used.")
        return state.st_ino, state.st_size, state.st_mtime_ns


def _problem_of_header(names: Sequence[str]) -> str:
    """Return what is wrong with the names of the columns, or nothing."""
    separator = next((word for sign, word in _OTHER_SEPARATORS.items() if len(names) == 1 and sign in names[0]), None)
    if separator:
        return f"has {separator} between its columns. {_SAVE_AGAIN}"
    if names[0].lower().startswith(_EXCELS_OWN_LINE):
        return f"begins with the line {','.join(names)!r}. Remove it: the first row must name the columns."
    if "" in names:
        return f"has no name for column {names.index('') + 1} in its first row. Name the column, or remove it."
    doubled = sorted({name for name in names if names.count(name) > 1})
    return f"has the column {doubled[0]!r} twice. Rename or remove one." if doubled else ""


def _is_text(cell: str) -> bool:
    """Whether a cell was UTF-8: bytes that are not stand for themselves, and UTF-16 has a NUL beside each letter."""
    try:
        return "\0" not in cell and (cell.isascii() or bool(cell.encode()))
    except UnicodeEncodeError:
        return False
