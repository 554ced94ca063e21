"""What surrounds every page: the stack, the navigation, and whether the console may write."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import html, ui

from console.web.site import Site

PAGES = (
    ("/", "Overview"),
    ("/operations", "Operations"),
    ("/record", "Records and customers"),
    ("/batches", "Batches"),
)


@contextmanager
def framed(site: Site, title: str, here: str) -> Iterator[None]:
    """Add the frame of a page and fill the page inside. ``here`` is the page of the navigation that it belongs to."""
    ui.page_title(f"{title} · {site.stack.name}")
    skip = html.a("Skip to the content").classes("skip")
    with html.header().classes("top"):
        with html.div().classes("brand"):
            html.strong("Stigg actions")
            html.span(f"{site.stack.name} · {site.stack.place}").classes("place")
        mode = ("May write", "warn") if site.calls.may_write else ("Read-only", "info")
        html.span(mode[0]).classes(f"badge {mode[1]}")
        with html.nav(**{"aria-label": "Pages"}):
            for path, name in PAGES:
                html.a(name, href=path, **({"aria-current": "page"} if path == here else {}))
    content = html.div(tabindex="-1").classes("page")
    skip.props.update(href=f"#{content.html_id}")
    with content:
        html.h1(title)
        yield
