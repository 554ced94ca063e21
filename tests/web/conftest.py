"""The web console as a process, over the actions of this process, in a real browser."""

import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from local.stack.deployment import STACK_NAME
from local.stack.template import ROOT
from tests.support.harness import Harness
from tests.support.queues import FUNCTION_NAME_PREFIX, InProcessLambda

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
LONGEST_MS = 60_000
LINK = re.compile(r"Open (http\S+)")


class LambdaApi:
    """The Lambda API on a port of loopback: it runs the actions of the present test, one at a time."""

    def __init__(self) -> None:
        self.invoked: list[str] = []
        self.actions: Harness | None = None
        self._one_at_a_time = threading.Lock()

    def invoke(self, function: str, body: bytes) -> dict[str, Any]:
        """Run a function, and return what Lambda would."""
        action = function.removeprefix(f"{STACK_NAME}-")
        self.invoked.append(action)
        with self._one_at_a_time, redirect_stdout(io.StringIO()):
            return InProcessLambda(self._run).invoke(
                FunctionName=f"{FUNCTION_NAME_PREFIX}{action}", Payload=body.decode()
            )

    def _run(self, action: str, event: Any) -> Any:  # noqa: ANN401 - any JSON
        assert self.actions is not None
        return self.actions.invoke(action, event)


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler, bytes], tuple[bytes, dict[str, str]]]) -> Iterator[int]:
    """Answer every request on a free port of loopback, and return the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content, headers = answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - http.server's own name

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


class Console:
    """A running console: its link, and what it printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.printed: list[str] = []
        assert process.stderr is not None
        self._lines = process.stderr
        self.link = next(found[1] for line in self._noted() if (found := LINK.search(line)))
        self.origin = self.link.partition("/enter")[0]
        self.reader = threading.Thread(target=lambda: [*self._noted()])
        self.reader.start()

    def _noted(self) -> Iterator[str]:
        for line in self._lines:
            self.printed.append(line)
            yield line


@contextmanager
def running_console(port: int, folder: Path, *options: str) -> Iterator[Console]:
    """Run the console as operators do, on a Lambda API at a port."""
    command = [sys.executable, "-m", "console", "console", "--local", "--port", str(port), "--no-browser"]
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'shared'}"}
    with subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--folder", str(folder), *options],
        cwd=ROOT,
        env={**os.environ, **path},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        console = Console(process)
        yield console
        process.terminate()
        console.reader.join()
    assert "Traceback" not in "".join(console.printed)


@pytest.fixture(scope="session")
def port_of_lambda() -> Iterator[tuple[LambdaApi, int]]:
    """The Lambda API, and its port."""
    api = LambdaApi()

    def answer(request: BaseHTTPRequestHandler, body: bytes) -> tuple[bytes, dict[str, str]]:
        answered = api.invoke(request.path.split("/")[3], body)
        failed = {"X-Amz-Function-Error": answered["FunctionError"]} if "FunctionError" in answered else {}
        return answered["Payload"].read(), {"Content-Type": "application/json", **failed}

    with serving(answer) as port:
        yield api, port


@pytest.fixture
def lambda_api(port_of_lambda: tuple[LambdaApi, int], actions: Harness) -> LambdaApi:
    """The Lambda API over the actions of this test."""
    api, _ = port_of_lambda
    api.actions = actions
    api.invoked.clear()
    return api


@pytest.fixture(scope="session")
def writing(port_of_lambda: tuple[LambdaApi, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console that may write."""
    with running_console(port_of_lambda[1], tmp_path_factory.mktemp("files"), "--write") as console:
        yield console


@pytest.fixture(scope="session")
def reading(port_of_lambda: tuple[LambdaApi, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console that is read-only."""
    with running_console(port_of_lambda[1], tmp_path_factory.mktemp("files")) as console:
        yield console


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    expect.set_options(timeout=LONGEST_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, lambda_api: LambdaApi) -> Iterator[Page]:  # noqa: ARG001 - the actions of this test
    """A page of a browser that has no cookies yet. Scripts must not fail in it."""
    failures: list[str] = []
    with browser.new_context(accept_downloads=True, locale="en-US") as context:
        context.set_default_timeout(LONGEST_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        yield page
    assert failures == []
