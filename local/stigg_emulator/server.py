"""The HTTP server: keep-alive HTTP/1.1 on this machine only, one thread a connection."""

import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override
from urllib.parse import urlsplit

from local.stigg_emulator.answers import Answer
from local.stigg_emulator.catalog import Catalog
from local.stigg_emulator.gateway import Request
from local.stigg_emulator.service import Service

HOST = "127.0.0.1"


class EmulatorServer(ThreadingHTTPServer):
    """A listening emulator. Port 0 chooses a free one."""

    request_queue_size = 128

    def __init__(self, catalog: Catalog, port: int = 0) -> None:
        self.service = Service(catalog)
        self._connections: set[socket.socket] = set()
        super().__init__((HOST, port), Handler)
        self.service.gateway.webhooks.start()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://{HOST}:{self.server_port}"

    @override
    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    @override
    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        """Let go of everything that waits, hang up on every client, and join their threads."""
        self.service.stop()
        for connection in tuple(self._connections):
            _hang_up(connection)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, answers them, and misbehaves where a fault says so."""

    server: EmulatorServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet

    def _serve(self) -> None:
        answer = self.server.service.answer(self._request())
        if answer is None:
            self.close_connection = True
        else:
            self._send(answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815  http.server looks for these names

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Request(self.command, parts.path, parts.query, headers, body)

    def _send(self, answer: Answer) -> None:
        body = answer.content()
        self.send_response(answer.status)
        for name, value in answer.all_headers().items():
            self.send_header(name, value)
        self.end_headers()
        (self._drip(answer.drip) if answer.drip else self.wfile.write)(body)

    def _drip(self, seconds: float) -> Callable[[bytes], object]:
        """Build a writer that sends byte by byte with pauses."""

        def write_slowly(body: bytes) -> None:
            for index in range(len(body)):
                self.wfile.write(body[index : index + 1])
                self.wfile.flush()
                if self.server.service.stopping.wait(seconds):
                    break

        return write_slowly

    @override
    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            # The client did not wait for its answer.
            self.close_connection = True

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: `/_emulator/state` lists the calls."""


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The other side was first.
        return
