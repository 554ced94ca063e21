"""What a command prints: tables for people, JSON for scripts, and no data that identify a person."""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from stigg_actions import decimal_json
from stigg_actions.observability import loggable

_PERSONAL = {"email", "customerName", "customerEmail", "metadata", "displayName", "responseText"}
"""Fields of answers that may hold a person's name or text. `name` is that of a check; no answer has a customer's."""

_JSON_TEXT = "answerText"
_ADDRESS = re.compile(r"""(?<![^\s"'(),;:=])[^\s@"'(),;:=/]+@[\w|-]++(?:\.[\w|-]++)*+(?!/)""")
"""An e-mail address, or an id that may be one; no part of a path, such as a home folder with an @."""

_EXAMPLE = "name@example.com"
"""The address in the remedy of a field that must be one."""

WIDTH_OF_A_FILE = 200
"""Characters of a line of a table that is not printed to a terminal."""


def presentable(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return an answer as it may be printed: without names and metadata, and with digests in place of addresses."""
    match value:
        case Mapping():
            return {name: _field(name, content) for name, content in value.items() if name not in _PERSONAL}
        case list():
            return [presentable(item) for item in value]
        case str():
            return _ADDRESS.sub(_hidden, value)
        case _:
            return value


def _hidden(address: re.Match[str]) -> str:
    return address[0] if address[0] == _EXAMPLE else loggable(address[0])


def _field(name: str, content: Any) -> Any:  # noqa: ANN401 - any JSON
    if name != _JSON_TEXT or not isinstance(content, str):
        return presentable(content)
    try:
        return decimal_json.dumps(presentable(decimal_json.loads(content)))
    except decimal_json.JsonError:
        return presentable(content)


class Output:
    """Prints results to standard output, and notices and progress to standard error."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._results = Console(soft_wrap=True, width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
        self._notices = Console(stderr=True, soft_wrap=True)

    def notice(self, text: str) -> None:
        """Print a sentence that is no result."""
        self._notices.print(presentable(text), markup=False, highlight=False)

    def document(self, content: Mapping[str, Any]) -> None:
        """Print one JSON document, if scripts read the output."""
        if self.as_json:
            text = json.dumps(json.loads(decimal_json.dumps(presentable(content))), indent=2, ensure_ascii=False)
            self._results.print(text, markup=False, highlight=False)

    def line(self, text: str) -> None:
        """Print a sentence of the result for people."""
        if not self.as_json:
            self._results.print(presentable(text), markup=False, highlight=False)

    def fields(self, content: Mapping[str, Any]) -> None:
        """Print the fields of a result that are single values, one a line, for people."""
        shown = {name: value for name, value in presentable(content).items() if not isinstance(value, list | dict)}
        width = max(map(len, shown), default=0)
        for name, value in shown.items():
            self.line(f"{name:{width}}  {_text(value)}")

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Print a table for people, unless it has no rows. A missing value is blank."""
        shown = presentable(list(rows))
        if self.as_json or not shown:
            return
        table = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False)
        for row in shown:
            table.add_row(*(escape(_text(row.get(column))) for column in columns))
        self._results.print(table)

    def progress(self) -> "ProgressBar":
        """Return a bar on standard error; scripts see none."""
        return ProgressBar(self._notices, is_shown=not self.as_json)


class ProgressBar:
    """How far the rows of a file are, with an estimate of the time that is left."""

    def __init__(self, console: Console, *, is_shown: bool) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            console=console,
            disable=not is_shown,
        )
        self._part: TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def start(self, text: str, total: int | None) -> None:
        """Begin a part of the work, of so many rows if that is known."""
        self._part = self._bar.add_task(text, total=total)

    def reach(self, rows: int) -> None:
        """Show that so many rows of the part are done."""
        if self._part is not None:
            self._bar.update(self._part, completed=rows)


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
