"""Turn the cells of a row into the fields of a request."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple, Self

from console.errors import BadInputError
from console.files.rows import Row


class Choices(NamedTuple):
    """How the command line reads the columns of a file."""

    mapped: Mapping[str, str] = {}
    """Field by column, for columns that are not named as their field."""
    ignored: Collection[str] = ()
    """Columns that are not sent."""
    constants: Mapping[str, str] = {}
    """Value by field, the same for every row."""
    id_column: str | None = None
    """Column that identifies a row in the results."""


class Columns(NamedTuple):
    """The columns of one file: the field of each, and the one with the record ids."""

    header: Sequence[str]
    fields: Sequence[str | None]
    """The field of each column; None for a column that is not sent."""
    constants: Mapping[str, str]
    id_index: int

    @classmethod
    def read(cls, header: Sequence[str], known: Collection[str], choices: Choices, id_fields: Sequence[str]) -> Self:
        """Decide what each column is. ``known`` are the fields of a request; ``id_fields`` those that name a record.

        Raises:
            BadInputError: with every column and option that is wrong.
        """
        problems = list(_problems(header, known, choices))
        if problems:
            raise BadInputError("\n".join(problems))
        fields = [None if name in choices.ignored else choices.mapped.get(name, name) for name in header]
        return cls(header, fields, choices.constants, _id_index(header, fields, choices.id_column, id_fields))

    def request(self, row: Row) -> dict[str, str]:
        """Return the request of a row: its cells that are not empty, and the constants."""
        cells = {
            field: cell
            for field, cell in zip(self.fields, row.cells, strict=False)
            if field is not None and cell.strip()
        }
        return {**self.constants, **cells}

    def record_id(self, row: Row) -> str:
        """Return the cell that identifies a row."""
        return row.cells[self.id_index].strip()

    def column_of(self, field: str) -> str | None:
        """Return the column that holds a field, if one does."""
        return self.header[self.fields.index(field)] if field in self.fields else None


def _problems(header: Sequence[str], known: Collection[str], choices: Choices) -> Iterator[str]:
    chosen = [*choices.mapped, *choices.ignored, *([choices.id_column] if choices.id_column else [])]
    yield from (_no_column(name, header) for name in chosen if name not in header)
    targets = [*choices.mapped.values(), *choices.constants]
    yield from (_no_field(name, known) for name in targets if name not in known)
    kept = [name for name in header if name not in choices.ignored]
    yield from (_no_use(name, known) for name in kept if name not in choices.mapped and name not in known)
    fields = [choices.mapped.get(name, name) for name in kept]
    yield from (
        f"Two columns, or a column and --set, give the field {field}. Leave one out: --ignore COLUMN."
        for field in dict.fromkeys(fields)
        if field in known and fields.count(field) + (field in choices.constants) > 1
    )


def _no_column(name: str, header: Sequence[str]) -> str:
    return f"The file has no column {name!r}. Its columns: {', '.join(header)}."


def _no_field(name: str, known: Collection[str]) -> str:
    return f"{name!r} is not a field of the request.{_similar(name, known)}"


def _no_use(name: str, known: Collection[str]) -> str:
    remedy = f"Name its field (--map '{name}=FIELD') or leave it out (--ignore '{name}')."
    return f"The column {name!r} is not a field of the request.{_similar(name, known)} {remedy}"


def _similar(name: str, known: Collection[str]) -> str:
    by_letters = {field.lower(): field for field in known}
    close = get_close_matches(name.lower(), by_letters, n=1)
    return f" Did you mean {by_letters[close[0]]}?" if close else ""


def _id_index(header: Sequence[str], fields: Sequence[str | None], chosen: str | None, id_fields: Sequence[str]) -> int:
    """Return the place of the column with the record ids: the chosen one, that of a record's field, or ``Id``."""
    if chosen is not None:
        return list(header).index(chosen)
    by_field = [fields.index(field) for field in id_fields if field in fields]
    by_name = [index for index, name in enumerate(header) if name.lower() == "id"]
    for index in (*by_field, *by_name):
        return index
    raise BadInputError(
        "No column holds the ids of Salesforce records, which come first in the results. Name the column that "
        f"identifies a row: --id-column COLUMN. The columns: {', '.join(header)}."
    )
