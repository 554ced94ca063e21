"""The page of a file that is checked or sent: its progress, its results, and the rows that failed."""

from collections.abc import Mapping

from nicegui import app, html, ui
from starlette.responses import PlainTextResponse, Response

from console.errors import ConsoleError
from console.web import links
from console.web.file_runs import FileRun, Purpose, failed_results, failures
from console.web.frame import framed
from console.web.parts import Link, alert, button, facts, link, paragraph, progress, section, table
from console.web.site import Site
from console.web.words import counted, duration

EVERY_SECONDS = 0.5
MOST_SHOWN = 50
_PURPOSES = {Purpose.CHECK: "Check", Purpose.DRY_RUN: "Dry run", Purpose.SEND: "Send"}


def add_to(site: Site) -> None:
    """Add the page and its downloads."""

    def run(id: str = "") -> None:  # noqa: A002 - the name of the parameter in the address
        with framed(site, "File", "/batches"):
            found = site.runs.run(id)
            if found is None:
                alert("This console has no such run. Give the file again: rows that were sent before take effect once.")
            else:
                _follow(site, found)

    def results(id: str) -> Response:  # noqa: A002 - the name of the parameter in the address
        found = site.runs.run(id)
        text = found.results.read_text() if found and found.results else None
        return _download(text, f"{id}.results.csv")

    def failed(id: str) -> Response:  # noqa: A002 - the name of the parameter in the address
        found = site.runs.run(id)
        return _download(failures(found) if found else None, f"{id}.failures.csv")

    ui.page("/run")(run)
    app.get("/results")(results)
    app.get("/failures")(failed)


def _download(text: str | None, name: str) -> Response:
    if text is None:
        return PlainTextResponse("There is no such file.\n", status_code=404)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _follow(site: Site, run: FileRun) -> None:
    """Show a run until it has ended."""
    with section(f"{_PURPOSES[run.purpose]}: {run.given.path.name}"):
        facts([("Action", run.given.action)])
        box = html.div()

    def show() -> None:
        box.clear()
        with box:
            if run.ended:
                timer.deactivate()
                _show_end(site, run)
            else:
                _show_progress(run)

    timer = ui.timer(EVERY_SECONDS, show)


def _show_progress(run: FileRun) -> None:
    of_all = f" of {run.total}" if run.total is not None else ""
    left = run.seconds_left
    estimate = f", {duration(left)} left" if left else ""
    progress(run.reached, run.total, f"{run.part}: {run.reached}{of_all} rows{estimate}")


def _show_end(site: Site, run: FileRun) -> None:
    if run.error:
        alert(run.error)
    if run.problems:
        rows = [tuple(str(part) for part in problem) for problem in run.problems]
        table(counted(len(rows), "bad cell"), ("Row", "Column", "Value", "Problem"), rows)
    if run.totals is None:
        if not run.error:
            alert(f"All {run.reached} rows are good. No row was sent.", "good")
        return
    totals = run.totals
    alert(
        f"{totals.succeeded} of {totals.rows} rows succeeded, {totals.failed} failed.",
        "warn" if totals.failed else "good",
    )
    progress(totals.done, totals.rows, f"{totals.done} of {totals.rows} rows have a result")
    kept = totals.pages_kept + totals.pages_repeated
    if kept:
        paragraph(f"{kept} of {totals.pages} pages had been sent before. They were not carried out again.")
    with html.p():
        link(Link("Download the results", f"/results?id={run.id}"))
    if totals.failed:
        _show_failed(site, run)


def _show_failed(site: Site, run: FileRun) -> None:
    failed = failed_results(run)
    rows = [_failed_row(result) for result in failed[:MOST_SHOWN]]
    table(f"{counted(len(rows), 'failed row')} of {len(failed)}", ("Row", "Id", "Error", "Message"), rows)
    with html.p():
        link(Link("Download the rows that failed", f"/failures?id={run.id}"))

    def again() -> None:
        try:
            ui.navigate.to(links.run(site.runs.send_again(run).id))
        except ConsoleError as error:
            alert(str(error))

    if run.purpose is Purpose.SEND:
        button("Send the failed rows again", again, tone="primary", enabled=site.calls.may_write)


def _failed_row(result: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(result[name] for name in ("row", "Id", "errorCode", "errorMessage"))
