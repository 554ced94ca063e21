"""The page of a batch that a Flow or another program submitted: its progress, and the requests that failed."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import html, ui

from console.output import presentable
from console.page_sender import results_of
from console.web import links
from console.web.frame import framed
from console.web.parts import Cell, Link, alert, attempted, facts, paragraph, progress, section, table
from console.web.site import Site
from console.web.words import counted, duration, shown_moment

EVERY_SECONDS = 1.0
MOST_SHOWN = 50

type Batch = Mapping[str, Any]


def add_to(site: Site) -> None:
    """Add the page."""

    def batch(id: str = "") -> None:  # noqa: A002 - the name of the parameter in the address
        with framed(site, "Batch", "/batches"), section(f"Batch {id}"):
            _follow(site, id)

    ui.page("/batch")(batch)


def _follow(site: Site, batch_id: str) -> None:
    """Show a batch until it is completed."""
    box = html.div()
    with box:
        paragraph("Reading the batch …", "waiting")

    async def look() -> None:
        found, problem = await attempted(lambda: _read(site, batch_id))
        box.clear()
        with box:
            if problem:
                timer.deactivate()
                alert(problem)
                return
            batch, failed = found
            _show(batch)
            if batch["outcome"] == "completed":
                timer.deactivate()
                _show_failed(failed)

    timer = ui.timer(EVERY_SECONDS, look)


def _read(site: Site, batch_id: str) -> tuple[Batch, list[Batch]]:
    """Return a batch, and its failed requests once it is completed. Raises as ``Calls.call``."""
    batch = site.calls.call("get-batch", {"batchId": batch_id})
    if batch["outcome"] != "completed":
        return batch, []
    results = results_of(site.calls.stack, batch, {})
    return batch, [presentable(result) for result in results if not result["success"]]


def _show(batch: Batch) -> None:
    left = f", {duration(batch['estimatedSeconds'])} left" if batch.get("estimatedSeconds") else ""
    progress(batch["done"], batch["total"], f"{batch['done']} of {batch['total']} requests have a result{left}")
    facts(
        [
            ("Succeeded", str(batch["succeeded"])),
            ("Failed", str(batch["failed"])),
            ("Submitted", shown_moment(batch["submittedAt"])),
            ("Completed", shown_moment(batch.get("completedAt"))),
            ("Kept until", shown_moment(batch["expiresAt"])),
        ]
    )


def _show_failed(failed: Sequence[Batch]) -> None:
    if not failed:
        alert("Every request succeeded.", "good")
        return
    rows = [_row(result) for result in failed[:MOST_SHOWN]]
    alert(f"{counted(len(failed), 'request')} failed.", "warn")
    table(
        f"{counted(len(rows), 'failed request')} of {len(failed)}",
        ("Request", "Action", "Record", "Error", "Message"),
        rows,
    )


def _row(result: Batch) -> tuple[Cell, ...]:
    record = str(result.get("salesforceRecordId", ""))
    return (
        str(result["index"]),
        result["action"],
        Link(record, links.record(record) if record else ""),
        str(result.get("errorCode", "")),
        str(result.get("errorMessage", "")),
    )
