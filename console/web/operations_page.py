"""The page that finds operations."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from nicegui import ui
from starlette.requests import Request

from console.operation_lists import listed
from console.web import links
from console.web.frame import framed
from console.web.operation_rows import operations_table
from console.web.parts import Field, Link, form, link, loaded, paragraph
from console.web.site import Site
from console.web.words import counted, moment, title_of
from stigg_actions.exactly_once.registry import KINDS

PATH = "/operations"
MOST = 100
_STATUSES = (("", "All that need attention"), ("failed", "Failed"), ("unknown", "Unknown"), ("started", "Not ended"))
_TIMES = (("", "Any time"), ("1", "The last hour"), ("24", "The last day"), ("168", "The last week"))


class Filters(NamedTuple):
    """What the list is restricted to. Kind and time are applied to what the stack lists."""

    status: str = ""
    record: str = ""
    customer: str = ""
    call: str = ""
    kind: str = ""
    hours: str = ""

    def request(self) -> dict[str, str]:
        """Return the filters that the stack applies."""
        named = {
            "status": self.status,
            "salesforceRecordId": self.record,
            "customerId": self.customer,
            "ofCorrelationId": self.call,
        }
        return {name: value.strip() for name, value in named.items() if value.strip()}

    def passes(self, operation: Mapping[str, Any], now: datetime) -> bool:
        """Whether an operation that the stack listed is of the kind and time."""
        if self.kind and operation["kind"] != self.kind:
            return False
        return not self.hours.isdigit() or moment(operation["startedAt"]) >= now - timedelta(hours=int(self.hours[:5]))

    def chosen(self) -> dict[str, str]:
        """Return the filters that are not empty."""
        return {name: value for name, value in self._asdict().items() if value}


class Listed(NamedTuple):
    """The operations that were found."""

    operations: list[dict[str, Any]]
    has_more: bool


def add_to(site: Site) -> None:
    """Add the page."""

    def operations(request: Request) -> None:
        given = request.query_params
        filters = Filters(**{name: given.get(name, "") for name in Filters._fields})
        most = int(given["most"]) if given.get("most", "").isdecimal() else MOST
        with framed(site, "Operations", PATH):
            paragraph(
                "Failed, unknown and unfinished operations; for a record or a call, those that succeeded, too.", "lead"
            )
            form(PATH, _fields(filters), "Show")
            loaded(lambda: find(site, filters, most), lambda found: _show(found, filters, most), "Reading the ledger …")

    ui.page(PATH)(operations)


def find(site: Site, filters: Filters, most: int) -> Listed:
    """Return the newest operations that pass the filters. Raises as ``Calls.call``."""
    operations, has_more = listed(site.calls.call, filters.request(), most)
    now = datetime.now(UTC)
    return Listed([operation for operation in operations if filters.passes(operation, now)], has_more)


def _fields(filters: Filters) -> tuple[Field, ...]:
    kinds = sorted((title_of(kind), kind) for kind in KINDS)
    return (
        Field("status", "Status", filters.status, _STATUSES),
        Field("kind", "Kind", filters.kind, [("", "Any kind"), *((kind, title) for title, kind in kinds)]),
        Field("hours", "Started in", filters.hours, _TIMES),
        Field("record", "Salesforce record", filters.record),
        Field("customer", "Stigg customer", filters.customer),
        Field("call", "Correlation id of the call", filters.call),
    )


def _show(found: Listed, filters: Filters, most: int) -> None:
    if found.operations:
        operations_table(counted(len(found.operations), "operation"), found.operations)
    else:
        paragraph(
            "There are no such operations."
            if not found.has_more
            else f"None of the newest {most} is such an operation.",
            "empty",
        )
    if found.has_more:
        link(Link("Look further back", links.operations(**filters.chosen(), most=str(most + MOST))))
