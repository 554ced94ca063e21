"""Serve the pages on loopback until Ctrl-C, to the browser that has the link."""

import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
from fastapi import FastAPI
from nicegui import app as pages
from nicegui import ui

from console.errors import BadInputError
from console.stack import Stack
from console.web import (
    batch_page,
    batches_page,
    customer_page,
    operation_page,
    operations_page,
    overview_page,
    record_page,
    run_page,
)
from console.web.calls import Calls
from console.web.file_runs import FileRuns
from console.web.guard import Guard
from console.web.links import Links
from console.web.site import Site

LOOPBACK = "127.0.0.1"
STYLE = Path(__file__).with_name("style.css")
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#2f5bd0"/>'
    '<path d="M4 5h8M4 8h8M4 11h5" stroke="#fff" stroke-width="1.5"/></svg>'
)
_SERVER: dict[str, Any] = {
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "timeout_graceful_shutdown": 2,
}
"""No log of addresses, because one has the token; nothing that a proxy says is believed."""
_PAGES = (
    overview_page,
    operations_page,
    operation_page,
    record_page,
    customer_page,
    batches_page,
    batch_page,
    run_page,
)


class Choices(NamedTuple):
    """How the console is started."""

    may_write: bool = False
    port: int = 0
    """0 takes a free one."""
    opens_browser: bool = True
    folder: Path | None = None
    """Where files that are given to the console, and their results, are kept; None for a folder of the operator."""


def serve(stack: Stack, links: Links, choices: Choices, announce: Callable[[str], None]) -> None:
    """Serve until Ctrl-C. Raises BadInputError if the port is in use."""
    calls = Calls(stack, choices.may_write)
    folder = choices.folder or Path.home() / ".local" / "state" / "stigg-actions"
    application = _application(Site(calls, FileRuns(calls, folder), links))
    with _bound(choices.port) as listening:
        guard = Guard(application, listening.getsockname()[1])
        announce(guard.link)
        if choices.opens_browser:
            webbrowser.open(guard.link)
        config = uvicorn.Config(guard, **_SERVER)
        uvicorn.Server(config).run(sockets=[listening])


def _application(site: Site) -> FastAPI:
    """Return the application with every page."""
    application = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for page in _PAGES:
        page.add_to(site)
    pages.add_static_file(local_file=STYLE, url_path="/style.css")
    ui.add_head_html('<link rel="stylesheet" href="/style.css">', shared=True)
    ui.run_with(
        application,
        title="Stigg actions",
        favicon=ICON,
        dark=None,
        language="en-US",
        tailwind=False,
        show_welcome_message=False,
    )
    return application


@contextmanager
def _bound(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((LOOPBACK, port))
        except OSError as error:
            raise BadInputError(
                f"The port {port} cannot be used: {error.strerror}. Name another: --page-port."
            ) from None
        yield listening
