"""Queries of the form SELECT fields FROM object WHERE conditions, joined by AND."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from local.salesforce_org.rest.answers import RestError

_QUERY = re.compile(r"SELECT ([\w, ]+) FROM (\w+) WHERE (.+)")
_CONDITION = re.compile(r"(\w+) (?:= ('(?:[^'\\]|\\.)*'|true|false)|IN \(((?:'(?:[^'\\]|\\.)*'(?:, )?)+)\))(?: AND |$)")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")


class Query(NamedTuple):
    """A query; each condition is a field and the values that it may have, in lower case."""

    fields: list[str]
    record: str
    conditions: dict[str, set[str]]

    def answer(self, rows: list[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the answer to the query over these rows. Raises RestError for a field that they do not have."""
        for name in {*self.fields, *self.conditions}:
            if rows and name not in rows[0]:
                raise RestError(400, "INVALID_FIELD", f"No such column '{name}' on entity '{self.record}'.")
        found = [row for row in rows if all(_text(row[name]) in wanted for name, wanted in self.conditions.items())]
        records = [{"attributes": {"type": self.record}, **{name: row[name] for name in self.fields}} for row in found]
        return {"totalSize": len(records), "done": True, "records": records}


def read(text: str) -> Query:
    """Read a query. Raises RestError if it is malformed."""
    match = _QUERY.fullmatch(text)
    conditions: dict[str, set[str]] = {}
    at = 0
    while match and at < len(match[3]):
        found = _CONDITION.match(match[3], at)
        if found is None:
            break
        literals = _LITERAL.findall(found[2] or found[3]) or [found[2]]
        conditions[found[1]] = {re.sub(r"\\(.)", r"\1", literal).lower() for literal in literals}
        at = found.end()
    if match is None or at < len(match[3]) or not conditions:
        raise RestError(400, "MALFORMED_QUERY", f"unexpected token in {text!r}")
    return Query(match[1].split(", "), match[2], conditions)


def _text(value: Any) -> str:  # noqa: ANN401 - of any field
    return str(value).lower()
