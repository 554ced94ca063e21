"""The parts that pages are made of. Every text goes into the page as text, never as HTML."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from nicegui import html, run, ui

from console.errors import ConsoleError

type Cell = str | "Link" | "Badge"


class Link(NamedTuple):
    """A text that leads to a page."""

    text: str
    href: str
    is_elsewhere: bool = False


class Badge(NamedTuple):
    """A short text with a color. The text says the same as the color."""

    text: str
    tone: str


def section(title: str, note: str = "") -> Any:  # noqa: ANN401 - an element of the library
    """Return a part of a page under a heading of its own, to be filled."""
    box = html.section().classes("panel")
    with box:
        html.h2(title)
        if note:
            html.p(note).classes("note")
    return box


def paragraph(text: str, *classes: str) -> None:
    """Add a paragraph."""
    html.p(text).classes(" ".join(classes))


def alert(text: str, tone: str = "bad") -> None:
    """Add a message that screen readers read at once."""
    with html.div(role="alert").classes(f"alert {tone}"):
        for line in text.splitlines():
            html.p(line)


def link(to: Link) -> None:
    """Add a link; the bare text if it leads nowhere."""
    if not to.href:
        html.span(to.text)
    elif to.is_elsewhere:
        html.a(f"{to.text} ↗", href=to.href, target="_blank", rel="noopener noreferrer")
    else:
        html.a(to.text, href=to.href)


def cell(content: Cell) -> None:
    """Add the content of a cell."""
    match content:
        case Link():
            link(content)
        case Badge(text, tone):
            html.span(text).classes(f"badge {tone}")
        case _:
            html.span(content)


def facts(rows: Iterable[tuple[str, Cell]]) -> None:
    """Add a list of names and values; those without a value are left out."""
    with html.dl().classes("facts"):
        for name, value in rows:
            if not value or (isinstance(value, Link) and not value.text):
                continue
            with html.div():
                html.dt(name)
                with html.dd():
                    cell(value)


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Add a table. In a narrow window each row becomes a card, in which the cells have the names of their columns."""
    with html.div().classes("scroll"), html.table():
        html.caption(caption)
        with html.thead(), html.tr():
            for column in columns:
                html.th(column, scope="col")
        with html.tbody():
            for row in rows:
                with html.tr():
                    for column, content in zip(columns, row, strict=True):
                        with html.td(**{"data-label": column}):
                            cell(content)


def button(text: str, press: Callable[[], Any], *, tone: str = "", enabled: bool = True) -> Any:  # noqa: ANN401 - an element
    """Add a button."""
    made = html.button(text, type="button", **({} if enabled else {"disabled": True})).classes(tone)
    return made.on("click", press)


def loaded[Found](read: Callable[[], Found], show: Callable[[Found], None], waiting: str) -> Callable[[], Any]:
    """Add a place that is filled once a read in the background is done; return what fills it again."""
    box = html.div().classes("loaded")

    async def load() -> None:
        box.clear()
        with box, html.p(waiting, role="status").classes("waiting"):
            pass
        found, problem = await attempted(read)
        if box.is_deleted:  # the page was left meanwhile
            return
        box.clear()
        with box:
            if problem:
                alert(problem)
            elif found is not None:
                show(found)

    ui.timer(0, load, once=True)
    return load


async def attempted(work: Callable[[], Any]) -> tuple[Any, str]:
    """Carry out work in the background; return its result, or the message of its failure.

    The result is None if the console ends meanwhile.
    """
    try:
        return await run.io_bound(work), ""
    except ConsoleError as error:
        return None, str(error)


def progress(reached: int, total: int | None, text: str) -> None:
    """Add a bar of how far something is, with the same as text."""
    with html.div().classes("progress"):
        bar = {"value": reached, "max": total} if total else {}
        html.progress(**bar, **{"aria-label": "Progress"})
        html.p(text, role="status")


class Field(NamedTuple):
    """A field of a form, by the name of its parameter in the address."""

    name: str
    label: str
    value: str = ""
    choices: Sequence[tuple[str, str]] = ()
    """Value and text; without any, the field takes text."""


def form(action: str, fields: Iterable[Field], submit: str) -> None:
    """Add a form whose fields become parameters of the address, so that a filtered list can be kept and shared."""
    with html.form(action=action, method="get", role="search").classes("filters"):
        for field in fields:
            with html.label():
                html.span(field.label)
                _control(field)
        html.button(submit, type="submit").classes("primary")


def _control(field: Field) -> None:
    if not field.choices:
        html.input_(type="text", name=field.name, value=field.value, autocomplete="off", spellcheck="false")
        return
    with html.select(name=field.name):
        for value, text in field.choices:
            html.option(text, value=value, **({"selected": True} if value == field.value else {}))


async def confirmed(title: str, texts: Sequence[str], press: str, option: str = "") -> tuple[bool, bool]:
    """Ask before something is done. Return whether it was confirmed, and whether the option was chosen."""
    with ui.dialog() as dialog, html.div(**{"aria-label": title}).classes("dialog"):
        html.h2(title)
        for text in texts:
            html.p(text)
        chosen = ui.checkbox(option) if option else None
        with html.div().classes("buttons"):
            button("Cancel", lambda: dialog.submit(None))
            button(press, lambda: dialog.submit(press), tone="primary")
    answer = bool(await dialog)
    return answer, bool(chosen and chosen.value)
