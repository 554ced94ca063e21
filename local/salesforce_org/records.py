"""The records of an org: stored values, formulas over them, parents, and queries."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import date
from functools import partial
from typing import Any

from local.salesforce_org.evaluation import Value, compared, evaluate, is_blank
from local.salesforce_org.schema import PARENTS, PREFIXES, Schema
from scripts.salesforce_checks.formulas import parse
from stigg_actions.salesforce_ids import record_id

type Row = dict[str, Any]
"""The stored values of one record, by field; a blank one is None."""
type Filter = tuple[str, str, Value]
"""A field, an operator and a value."""

_OBJECTS = {prefix: name for name, prefix in PREFIXES.items()}
_STAGES = {"IsClosed": {"Closed Won", "Closed Lost"}, "IsWon": {"Closed Won"}}


def object_of(id_of_record: str) -> str:
    """Return the object of a record, which its id begins with."""
    return _OBJECTS[id_of_record[:3]]


class Records:
    """All records of an org."""

    def __init__(self, schema: Schema, settings: Callable[[], Mapping[str, Value]]) -> None:
        self.schema, self._settings = schema, settings
        self._rows: dict[str, Row] = {}
        self._made = 0

    def new_id(self, record: str) -> str:
        """Return the id of a record to be, in its 18-character form."""
        self._made += 1
        return record_id(f"{PREFIXES[record]}{self._made:012d}")

    def has(self, id_of_record: str) -> bool:
        """Whether there is such a record."""
        return id_of_record in self._rows

    def row(self, id_of_record: str) -> Row:
        """Return a copy of a record's stored values."""
        return dict(self._rows[id_of_record])

    def put(self, row: Row) -> None:
        """Store a record."""
        self._rows[row["Id"]] = dict(row)

    def remove(self, id_of_record: str) -> None:
        """Delete a record."""
        del self._rows[id_of_record]

    def state(self) -> dict[str, Row]:
        """Return all that is stored, to go back to."""
        return deepcopy(self._rows)

    def restore(self, state: dict[str, Row]) -> None:
        """Go back to an earlier state."""
        self._rows = state

    def of(self, record: str) -> Iterator[Row]:
        """Yield every record of an object, in the order in which they were made."""
        return (dict(row) for row in list(self._rows.values()) if object_of(row["Id"]) == record)

    def value(self, row: Row, path: str, today: date) -> Value:
        """Return a field of a record or of its parents, such as `Opportunity.Account.Name`; None without a parent.

        A formula may also refer to the Stigg Settings.
        """
        first, _, rest = path.partition(".")
        if first == "$Setup":
            return self._settings().get(rest.rpartition(".")[2])
        record = object_of(row["Id"])
        if rest:
            parent = row.get(PARENTS[record][first])
            return None if parent is None else self.value(self._rows[parent], rest, today)
        if first in _STAGES:
            return row.get("StageName") in _STAGES[first]
        formula = self.schema.formulas.get(record, {}).get(first)
        if formula is None:
            return row.get(first)
        return evaluate(parse(formula), lambda name: self.value(row, name, today), lambda _: False, today) or None

    def find(self, record: str, filters: list[Filter], logic: str, today: date) -> list[Row]:
        """Return the records of an object that pass its filters, as SOQL finds them: a blank is unequal to all else."""
        found = []
        for row in self.of(record):
            passed = [passes(self.value(row, name, today), operator, value) for name, operator, value in filters]
            if combined(passed, logic):
                found.append(row)
        return found


def combined(passed: list[bool], logic: str) -> bool:
    """Return whether numbered conditions hold together: `and`, `or`, or such as `1 AND (2 OR 3)`."""
    if logic in {"and", "or"}:
        return all(passed) if logic == "and" else any(passed)
    words = logic.replace("(", " ( ").replace(")", " ) ").split()
    return _Logic(passed, words).any()


class _Logic:
    """A reader of custom condition logic."""

    def __init__(self, passed: list[bool], words: list[str]) -> None:
        self._passed, self._words = passed, words

    def any(self) -> bool:
        result = self._all()
        while self._words[:1] == ["OR"]:
            self._words.pop(0)
            result = self._all() or result
        return result

    def _all(self) -> bool:
        result = self._one()
        while self._words[:1] == ["AND"]:
            self._words.pop(0)
            result = self._one() and result
        return result

    def _one(self) -> bool:
        word = self._words.pop(0)
        if word != "(":
            return self._passed[int(word) - 1]
        result = self.any()
        self._words.pop(0)
        return result


def passes(found: Value, operator: str, value: Value) -> bool:
    """Return whether a value passes a condition; a Flow's decisions know the operators of its queries."""
    return _OPERATORS[operator](found, value)


_OPERATORS: dict[str, Callable[[Value, Value], bool]] = {
    "EqualTo": partial(compared, "="),
    "NotEqualTo": partial(compared, "<>"),
    "IsNull": lambda found, value: is_blank(found) is value,
    "Contains": lambda found, value: str(value) in str(found or ""),
    "StartsWith": lambda found, value: str(found or "").startswith(str(value)),
    "LessThanOrEqualTo": partial(compared, "<="),
    "GreaterThan": partial(compared, ">"),
}
"""The operators of a condition that the Flows use, by their names in metadata."""
