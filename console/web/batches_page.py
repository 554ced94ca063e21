"""The page that takes a file: a batch of requests, an adoption or an import."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nicegui import html, ui

from console.errors import ConsoleError
from console.session import pairs
from console.web import links
from console.web.file_runs import Given, Purpose
from console.web.frame import framed
from console.web.parts import Field, Link, alert, button, confirmed, form, paragraph, section, table
from console.web.site import Site
from console.web.words import counted
from stigg_actions.batches.actions import BATCH_ACTIONS

PATH = "/batches"
LARGEST_FILE = 50 * 1024 * 1024
FIRST = ("adopt-subscription", "import-subscription", "import-customer")

SEND = (
    "Every row takes effect in Stigg. The whole file is checked first; if a cell is bad, no row is sent. A row that "
    "was sent before takes effect once."
)


def add_to(site: Site) -> None:
    """Add the page."""

    def batches() -> None:
        with framed(site, "Batches and adoption", PATH):
            with section(
                "Send a file", "CSV in UTF-8. Its first row names the fields of the action, or columns of Salesforce."
            ):
                _FileForm(site).add()
            with section("Follow a batch", "A batch that a Flow or another program submitted."):
                form("/batch", [Field("id", "Id of the batch")], "Show the batch")
            _runs(site)

    ui.page(PATH)(batches)


def _runs(site: Site) -> None:
    if not site.runs.all:
        return
    with section("Files since the console was started"):
        rows = [
            (
                Link(run.given.path.name, links.run(run.id)),
                run.given.action,
                run.purpose.value,
                "ended" if run.ended else run.part,
            )
            for run in site.runs.all
        ]
        table(counted(len(rows), "file"), ("File", "Action", "Purpose", "State"), rows)


@dataclass
class _FileForm:
    """The form for a file: what it is sent to, how it is read, and what is done with it."""

    site: Site
    path: Path | None = None

    def add(self) -> None:
        """Add the form."""
        others = sorted(BATCH_ACTIONS.keys() - set(FIRST))
        self._action = ui.select([*FIRST, *others], value=FIRST[0], label="Action of every row")
        self._add_upload()
        with html.details():
            html.summary("Columns with other names, and constants")
            self._mapped = _lines("Columns, one a line: COLUMN=FIELD")
            self._constants = _lines("The same for every row, one a line: FIELD=VALUE")
            self._ignored = _lines("Columns that are not sent, one a line")
            self._id_column = ui.input("Column with the record ids, if it is not known")
        self._said = html.div(role="status")
        with html.div().classes("buttons"):
            button("Check the file", lambda: self._start(Purpose.CHECK), tone="primary")
            button("Dry run", lambda: self._start(Purpose.DRY_RUN), enabled=self.site.calls.may_write)
            button("Send …", self._send, enabled=self.site.calls.may_write)
        if not self.site.calls.may_write:
            paragraph(
                "The console is read-only: it checks files, and sends none. Start it with --write to send them.", "note"
            )

    def _add_upload(self) -> None:
        upload = ui.upload(
            label="CSV file: choose it, or drop it here",
            auto_upload=True,
            max_files=1,
            max_file_size=LARGEST_FILE,
            on_upload=self._keep,
            on_rejected=lambda: self._say("The file is too large, or is no file."),
        )
        upload.props("accept=.csv flat bordered").classes("upload")

    async def _keep(self, event: Any) -> None:  # noqa: ANN401 - an event of the library
        self.path = self.site.runs.keep(event.file.name, await event.file.read())
        self._say(f"{event.file.name} is ready.", "good")

    async def _send(self) -> None:
        if self.path is None:
            self._say("Choose a file first.")
            return
        title = f"Send {self.path.name} to {self._action.value}?"
        is_confirmed, _ = await confirmed(title, [SEND], "Send now")
        if is_confirmed:
            self._start(Purpose.SEND)

    def _start(self, purpose: Purpose) -> None:
        if self.path is None:
            self._say("Choose a file first.")
            return
        try:
            run = self.site.runs.start(self._given(self.path), purpose)
        except ConsoleError as error:
            self._say(str(error))
        else:
            ui.navigate.to(links.run(run.id))

    def _given(self, path: Path) -> Given:
        mapped, constants = pairs(_read(self._mapped), "Column"), pairs(_read(self._constants), "Constant")
        id_column = self._id_column.value.strip() or None
        return Given(path, self._action.value, mapped, constants, _read(self._ignored), id_column)

    def _say(self, text: str, tone: str = "bad") -> None:
        self._said.clear()
        with self._said:
            alert(text, tone)


def _lines(label: str) -> Any:  # noqa: ANN401 - an element
    return ui.textarea(label).props("autogrow")


def _read(lines: Any) -> list[str]:  # noqa: ANN401 - an element
    return [line.strip() for line in (lines.value or "").splitlines() if line.strip()]
