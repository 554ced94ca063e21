"""Operations as rows of a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from console.web import links
from console.web.parts import Badge, Cell, Link, table
from console.web.words import shown_moment, title_of, tone_of

COLUMNS = ("Started", "Operation", "Status", "Record", "Customer", "Error")


def operations_table(caption: str, operations: Iterable[Mapping[str, Any]]) -> None:
    """Add a table of operations, each with links to its page, its record and its customer."""
    table(caption, COLUMNS, [_row(operation) for operation in operations])


def _row(operation: Mapping[str, Any]) -> tuple[Cell, ...]:
    record, customer = (str(operation.get(name, "")) for name in ("salesforceRecordId", "customerId"))
    return (
        shown_moment(operation["startedAt"]),
        Link(title_of(operation["kind"]), links.operation(operation["operationKey"])),
        Badge(operation["status"], tone_of(operation["status"])),
        Link(record, links.record(record) if record else ""),
        Link(customer, links.customer(customer) if customer else ""),
        str(operation.get("errorCode", "")),
    )
