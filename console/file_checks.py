"""Check a whole file with the request model of an action, before any row is sent."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from console.errors import BadInputError
from console.files.checking import MOST_PROBLEMS, Parse, Problem, first_problems
from console.files.columns import Choices, Columns
from console.files.rows import CsvFile
from console.unique_rows import UniqueRows
from stigg_actions.batches.actions import BATCH_ACTIONS
from stigg_actions.models import parsing
from stigg_actions.models.base import ActionRequest

ID_FIELDS = ("salesforceRecordId", "salesforceOpportunityId", "salesforceAccountId")
"""Fields that name the Salesforce record of a row, beginning with the one that says most about it."""

ROWS_BETWEEN_LOOKS = 100


class Progress(Protocol):
    """What shows how far a file is."""

    def start(self, text: str, total: int | None) -> None:
        """Begin a part of the work, of so many rows if that is known."""

    def reach(self, rows: int) -> None:
        """Show that so many rows of the part are done."""


class BadFileError(BadInputError):
    """A file has bad cells. No row was sent."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        more = f" These are the first {MOST_PROBLEMS}." if len(problems) == MOST_PROBLEMS else ""
        super().__init__(f"{path} has bad cells. No row was sent. Correct them and run the command again.{more}")
        self.problems = problems

    def as_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints, with the problems."""
        return {**super().as_json(), "problems": [problem._asdict() for problem in self.problems]}


class CheckedFile(NamedTuple):
    """A file without bad cells."""

    file: CsvFile
    columns: Columns
    rows: int


class _Counter:
    """Counts the rows that were checked."""

    def __init__(self, progress: Progress) -> None:
        self.rows = 0
        self._progress = progress

    def advance(self) -> None:
        """Count a row, and show some of the counts: a bar that moves with every row takes longer than the check."""
        self.rows += 1
        if self.rows % ROWS_BETWEEN_LOOKS == 0:
            self._progress.reach(self.rows)


def check_file(path: Path, action: str, choices: Choices, org: Mapping[str, str], progress: Progress) -> CheckedFile:
    """Check every row of a file as the action would, and that no two rows contradict each other.

    Raises:
        BadFileError: with the bad cells.
        BadInputError: the action, the file or its columns are wrong.
    """
    model, unique = request_class_of(action), UniqueRows(action)
    file = CsvFile(path)
    known = [str(field.alias) for field in model.model_fields.values()]
    columns = Columns.read(file.header, known, choices, ID_FIELDS)

    def parse(request: Mapping[str, Any], row: int) -> None:
        unique.check(parsing.parse(model, parsing.read_value({**org, **request})), row)

    return check_rows(file, columns, parse, progress)


def check_rows(file: CsvFile, columns: Columns, parse: Parse, progress: Progress) -> CheckedFile:
    """Check every row of a file. Raises BadFileError with the bad cells, and BadInputError if there is no row."""
    counter = _Counter(progress)
    progress.start("Checking", None)
    problems = first_problems(file, columns, parse, counter.advance)
    progress.reach(counter.rows)
    if problems:
        raise BadFileError(file.path, problems)
    if not counter.rows:
        raise BadInputError(f"{file.path} has no rows below its header.")
    return CheckedFile(file, columns, counter.rows)


def request_class_of(action: str) -> type[ActionRequest]:
    """Return the class of an action's request. Raises BadInputError if a batch cannot hold the action."""
    if action in BATCH_ACTIONS:
        return BATCH_ACTIONS[action].request_class()
    close = get_close_matches(action, BATCH_ACTIONS, n=1)
    remedy = f"Did you mean {close[0]}?" if close else f"Give one of {', '.join(sorted(BATCH_ACTIONS))}."
    raise BadInputError(f"{action!r} is not an action that a batch can hold. {remedy}")
