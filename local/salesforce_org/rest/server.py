"""The REST interface at an address of this machine."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override
from urllib.parse import urlsplit

from local.salesforce_org.rest.answers import Request
from local.salesforce_org.rest.interface import RestInterface

HOST = "127.0.0.1"


class _Server(ThreadingHTTPServer):
    def __init__(self, rest: RestInterface, port: int) -> None:
        self.rest = rest
        super().__init__((HOST, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        answer = self.server.rest.answer(Request(self.command, urlsplit(self.path).path, headers, body))
        content = b"" if answer.content is None else json.dumps(answer.content).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815  http.server looks for these names

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@contextmanager
def serving(rest: RestInterface, port: int = 0) -> Iterator[str]:
    """Serve an org's REST interface until the block ends, on a free port unless one is named; yields its base URL."""
    with _Server(rest, port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="salesforce-org")
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
