"""The first page: whether the stack works, and what needs attention. Each figure leads to the list behind it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from nicegui import html, ui

from console.operation_lists import listed
from console.web import links
from console.web.frame import framed
from console.web.operation_rows import operations_table
from console.web.parts import Badge, Link, alert, button, link, loaded, paragraph, section, table
from console.web.reconciled import reconcile_into
from console.web.site import Site
from console.web.words import counted, moment

MOST = 100
SHOWN = 8
DAYS = 14

_MEASURED = (
    "CloudWatch measures calls by outcome, latency, queues, webhooks and cold starts. The policy for operators gives "
    "no access to metrics, so the console does not show them."
)


class Figure(NamedTuple):
    """A number of operations, and the list behind it."""

    status: str
    name: str
    number: int
    has_more: bool


class Attention(NamedTuple):
    """What needs attention."""

    figures: list[Figure]
    operations: list[dict[str, Any]]


def add_to(site: Site) -> None:
    """Add the page."""

    def overview() -> None:
        with framed(site, "Overview", "/"):
            loaded(lambda: attention(site), _show_attention, "Reading the ledger …")
            with section("Health", "Secret, key, tables, plans and clock, checked now."):
                loaded(lambda: site.calls.call("check-connection", {}), _show_health, "Checking the connection …")
            _mappings(site)
            _files(site)
            with section("Calls, latency, queues and webhooks"):
                paragraph(_MEASURED)
                if site.links.dashboard:
                    link(Link("Open the dashboard in CloudWatch", site.links.dashboard, is_elsewhere=True))

    ui.page("/")(overview)


def attention(site: Site) -> Attention:
    """Return the operations that need attention, by status. Raises as ``Calls.call``."""
    figures, operations = [], []
    for status, name in (("failed", "Failed"), ("unknown", "Unknown"), ("started", "Not ended")):
        found, has_more = listed(site.calls.call, {"status": status}, MOST)
        figures.append(Figure(status, name, len(found), has_more))
        operations += found
    newest = sorted(operations, key=lambda operation: moment(operation["startedAt"]), reverse=True)
    return Attention(figures, newest)


def by_day(operations: Sequence[Mapping[str, Any]], today: date) -> list[tuple[date, int]]:
    """Return how many operations began on each of the latest days, oldest first."""
    counts = Counter(moment(operation["startedAt"]).date() for operation in operations)
    return [(day, counts[day]) for day in (today - timedelta(days=DAYS - 1 - past) for past in range(DAYS))]


def _show_attention(found: Attention) -> None:
    with html.ul().classes("figures"):
        for figure in found.figures:
            tone = "calm" if not figure.number else "bad" if figure.status == "failed" else "warn"
            with html.li().classes(tone), html.a(href=links.operations(status=figure.status)):
                html.strong(f"{figure.number}{'+' if figure.has_more else ''}")
                html.span(
                    f"{figure.name} operations" if figure.status != "started" else "Operations that have not ended"
                )
    with section("Needs attention"):
        if not found.operations:
            paragraph("No operation needs attention.", "good-note")
            return
        _chart(by_day(found.operations, datetime.now(UTC).date()))
        operations_table(f"The newest {min(SHOWN, len(found.operations))}", found.operations[:SHOWN])
        link(Link("All operations that need attention", links.operations()))


def _chart(days: Sequence[tuple[date, int]]) -> None:
    """Draw how many of the operations began on each day. Screen readers read the counts."""
    highest = max(count for _, count in days) or 1
    with html.figure():
        html.figcaption(f"By the day on which they began, of the last {DAYS} days")
        with html.ol().classes("bars"):
            for day, count in days:
                with html.li(**{"aria-label": f"{day:%d %B}: {count}"}):
                    html.span(str(count or "")).classes("count")
                    html.span().classes("bar").style(f"height: {round(count * 100 / highest)}%")
                    html.span(f"{day:%d}").classes("day")


def _show_health(checked: Mapping[str, Any]) -> None:
    if checked["failedChecks"]:
        alert(f"{counted(checked['failedChecks'], 'check')} failed.")
    else:
        paragraph(
            f"All {len(checked['checks'])} checks passed. Stigg environment: {checked['environment']}.", "good-note"
        )
    rows = [
        (
            check["name"],
            Badge("passed", "good") if check["passed"] else Badge("failed", "bad"),
            " ".join(str(check[name]) for name in ("problem", "remedy") if check.get(name)),
        )
        for check in sorted(checked["checks"], key=lambda check: bool(check["passed"]))
    ]
    table("Checks", ("Check", "Result", "Problem and remedy"), rows)


def _mappings(site: Site) -> None:
    with section(
        "Mappings", "Compares the stored mappings with Stigg and changes nothing. A large account takes minutes."
    ):
        said = html.div(role="status")

        button("Compare with Stigg", lambda: reconcile_into(said, site, {"dryRun": True}))


def _files(site: Site) -> None:
    with section("Files"):
        runs = site.runs.all
        if not runs:
            paragraph("No file was given to this console since it was started.", "empty")
        else:
            rows = [
                (Link(run.given.path.name, links.run(run.id)), run.given.action, "ended" if run.ended else run.part)
                for run in runs
            ]
            table(counted(len(rows), "file"), ("File", "Action", "State"), rows)
        link(Link("Give a file", "/batches"))
