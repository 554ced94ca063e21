"""The HTTP server: keep-alive HTTP/1.1 on this machine only, one thread a connection."""

import json
import socket
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override
from urllib.parse import urlsplit

from local.stigg_emulator.admin import PREFIX, Admin
from local.stigg_emulator.answers import Answer
from local.stigg_emulator.catalog import Catalog, Json
from local.stigg_emulator.clock import write
from local.stigg_emulator.faults import Faults, disturbed
from local.stigg_emulator.gateway import Gateway, Request

HOST = "127.0.0.1"


class EmulatorServer(ThreadingHTTPServer):
    """A listening emulator. Port 0 chooses a free one."""

    request_queue_size = 128

    def __init__(self, catalog: Catalog, port: int = 0) -> None:
        self.gateway = Gateway(catalog)
        self.faults = Faults()
        self.admin = Admin(self.gateway, self.faults)
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        super().__init__((HOST, port), Handler)
        self.gateway.webhooks.start()

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
        self.stopping.set()
        self.gateway.webhooks.stop()
        self.faults.clear()
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
        request = self._request()
        if request.path.startswith(PREFIX):
            self._send(self.server.admin.answer(request))
            return
        record = self._record(request)
        fault = self.server.faults.take(request.method, request.path)
        act = partial(self.server.gateway.answer, request)
        answer = act() if fault is None else disturbed(fault, act)
        if answer is None:
            self.close_connection = True
        else:
            record["status"] = answer.status
            self.server.stopping.wait(answer.delay)
            self._send(answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815  http.server looks for these names

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Request(self.command, parts.path, parts.query, headers, body)

    def _record(self, request: Request) -> Json:
        """Note the call at its arrival; its status is null until it is answered."""
        gateway = self.server.gateway
        with gateway.lock:
            call: Json = {
                "method": request.method,
                "path": request.path,
                "status": None,
                "idempotencyKey": request.headers.get("idempotency-key"),
                "at": write(gateway.world.now),
            }
            gateway.world.calls.append(call)
        return call

    def _send(self, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body, default=float).encode()
        headers = {"Content-Type": "application/json", **answer.headers, "Content-Length": str(len(body))}
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        (self._drip(answer.drip) if answer.drip else self.wfile.write)(body)

    def _drip(self, seconds: float) -> Callable[[bytes], object]:
        """Build a writer that sends byte by byte with pauses."""

        def write_slowly(body: bytes) -> None:
            for index in range(len(body)):
                self.wfile.write(body[index : index + 1])
                self.wfile.flush()
                if self.server.stopping.wait(seconds):
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
