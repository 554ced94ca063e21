"""Check every row of a file before any is sent, and describe each bad cell."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from console.files.columns import Columns
from console.files.rows import CsvFile, Row
from stigg_actions.errors import RequestInvalid

MOST_PROBLEMS = 50
LONGEST_VALUE = 40

PERSONAL = frozenset(
    {
        *(
            "name",
            "email",
            "customerName",
            "customerEmail",
            "contractName",
            "displayName",
            "comment",
            "metadata",
            "payload",
        ),
        *("billingInformation", "defaultPaymentMethod", "passthrough", "integrations", "dimensions"),
        *("lineItems", "checkoutOptions"),
    }
)
"""Fields that may hold a customer's name, address or text. Their values are never shown."""

NOT_SHOWN = "(not shown)"

type Parse = Callable[[Mapping[str, Any], int], object]
"""Read the request of a row. Raises RequestInvalid, which names each wrong field."""


class Problem(NamedTuple):
    """A bad cell: where it is, what it holds, and what it must be."""

    row: int
    column: str
    value: str
    problem: str


def first_problems(file: CsvFile, columns: Columns, parse: Parse, advance: Callable[[], None]) -> list[Problem]:
    """Check the rows and return their problems, up to ``MOST_PROBLEMS``. Rows after the last of those are not read."""
    return list(islice(_each_once(_problems(file, columns, parse, advance), columns), MOST_PROBLEMS))


def _problems(file: CsvFile, columns: Columns, parse: Parse, advance: Callable[[], None]) -> Iterator[Problem]:
    for row in file.rows():
        yield from problems_of(row, columns, parse)
        advance()


def problems_of(row: Row, columns: Columns, parse: Parse) -> Iterator[Problem]:
    """Yield the problems of one row."""
    cells, expected = len(row.cells), len(columns.header)
    if cells != expected:
        problem = (
            f"the row has {cells} cells and the header {expected}; add or remove cells, or quote those with commas"
        )
        yield Problem(row.number, "", "", problem)
        return
    request = columns.request(row)
    try:
        parse(request, row.number)
    except RequestInvalid as invalid:
        yield from (_problem(row, columns, request, detail.field, detail.problem) for detail in invalid.details)


def _problem(row: Row, columns: Columns, request: Mapping[str, str], path: str, problem: str) -> Problem:
    """Describe the problem of a field by the column that holds it. ``path`` may lead into the field's JSON."""
    field = path.partition(".")[0].partition("[")[0]
    inner = f"{path} " if path != field else ""
    return Problem(row.number, columns.column_of(field) or field, shown(field, request.get(field, "")), inner + problem)


def _each_once(problems: Iterable[Problem], columns: Columns) -> Iterator[Problem]:
    """Leave out repetitions of a problem about a field without a column, which every row has."""
    seen: set[tuple[str, str]] = set()
    for problem in problems:
        key = (problem.column, problem.problem)
        if problem.column and problem.column not in columns.header:
            if key in seen:
                continue
            seen.add(key)
        yield problem


def shown(field: str, value: str) -> str:
    """Return a value as it may be printed: never a name, an e-mail address or a customer's text."""
    if value and (field in PERSONAL or "@" in value):
        return NOT_SHOWN
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}..."
