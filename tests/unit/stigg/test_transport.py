"""The wire to Stigg: against sockets that answer, hang, drip and break off."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from queue import Queue
from typing import Any

import httpcore
import httpx
import pytest

from stigg_actions.stigg.request import StiggRequest
from stigg_actions.stigg.response import Reply
from stigg_actions.stigg.transport import LostError, NotSentError, Permit, Transport
from tests.support.fakes import Answer, ScriptedStigg

READ = StiggRequest("GET", "/api/v1/customers/acme")
WRITE = StiggRequest("POST", "/api/v1/customers", {"id": "acme", "amount": 3}, idempotency_key="key-1")


@contextmanager
def wire_to(stigg: ScriptedStigg) -> Iterator[Transport]:
    """Open a wire to a Stigg in memory."""
    with closing(Transport("https://stigg.example", transport=httpx.MockTransport(stigg))) as wire:
        yield wire


@contextmanager
def server(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """Run a server that behaves as told on every connection; its URL."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                behave(connection, over)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def hang(_connection: socket.socket, over: threading.Event) -> None:
    """Say nothing."""
    over.wait()


def drip(connection: socket.socket, over: threading.Event) -> None:
    """Send an answer byte by byte, each long before any timeout, without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not over.wait(0.02):
        try:
            connection.sendall(b" ")
        except OSError:
            return


def answer(connection: socket.socket, _over: threading.Event) -> None:
    """Answer."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Trace-Id: t-1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


def break_off(connection: socket.socket, _over: threading.Event) -> None:
    """Break off in the middle of an answer."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"data"')


def garble(connection: socket.socket, _over: threading.Event) -> None:
    """Send what is no compressed body, but says so."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")


def test_what_is_sent() -> None:
    """A write carries key, idempotency key, type and exact JSON."""
    stigg = ScriptedStigg(Answer(201, {"data": {}}, {"X-Trace-Id": "t-1"}))
    with wire_to(stigg) as wire:
        reply = wire.exchange(WRITE, api_key="server-x", seconds=5)
    (sent,) = stigg.requests
    expected = {
        "x-api-key": "server-x",
        "idempotency-key": "key-1",
        "content-type": "application/json",
        "accept": "application/json",
    }

    assert expected == {name: sent.headers[name] for name in expected}
    assert (
        sent.method,
        str(sent.url),
        sent.content,
    ) == ("POST", "https://stigg.example/api/v1/customers", b'{"id":"acme","amount":3}')
    assert (reply.status, reply.text, reply.headers["x-trace-id"]) == (201, '{"data": {}}', "t-1")


def test_bare_read() -> None:
    """A read carries its query, no body and no idempotency key."""
    stigg = ScriptedStigg(Answer(200, {}))
    with wire_to(stigg) as wire:
        wire.exchange(StiggRequest("GET", "/x", query={"status": "ACTIVE,IN_TRIAL"}), api_key="server-x", seconds=5)
    (sent,) = stigg.requests

    assert sent.url.params == httpx.QueryParams({"status": "ACTIVE,IN_TRIAL"})
    assert not {"idempotency-key", "content-type"} & set(sent.headers)


def test_over_a_socket() -> None:
    """A real server is understood."""
    with server(answer) as url, closing(Transport(url)) as wire:
        reply = wire.exchange(READ, api_key="server-x", seconds=5)

    assert (reply.status, reply.text, reply.headers["x-trace-id"]) == (200, "{}", "t-1")


@pytest.mark.parametrize("behaviour", [hang, drip])
def test_time_limit(behaviour: Callable[[socket.socket, threading.Event], None]) -> None:
    """A server that hangs or drips holds the caller no longer than the time given."""
    with server(behaviour) as url, closing(Transport(url)) as wire:
        begun = time.monotonic()
        with pytest.raises(LostError):
            wire.exchange(READ, api_key="server-x", seconds=0.3)
        took = time.monotonic() - begun

    assert 0.25 < took < 0.8


def test_after_a_hang() -> None:
    """The wire works again after a request was abandoned."""
    silent = iter([True])

    def once_silent(connection: socket.socket, over: threading.Event) -> None:
        (drip if next(silent, False) else answer)(connection, over)

    with server(once_silent) as url, closing(Transport(url)) as wire:
        with pytest.raises(LostError):
            wire.exchange(READ, api_key="server-x", seconds=0.2)
        reply = wire.exchange(READ, api_key="server-x", seconds=5)

    assert isinstance(reply, Reply)
    assert reply.status == 200


@pytest.mark.parametrize("behaviour", [break_off, garble])
def test_broken_answer(behaviour: Callable[[socket.socket, threading.Event], None]) -> None:
    """A request whose answer breaks off or cannot be unpacked may have been carried out."""
    with server(behaviour) as url, closing(Transport(url)) as wire, pytest.raises(LostError):
        wire.exchange(WRITE, api_key="server-x", seconds=5)


def test_nobody_there() -> None:
    """A request that found nobody to connect to was surely not sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with closing(Transport(f"http://127.0.0.1:{port}")) as wire, pytest.raises(NotSentError):
        wire.exchange(WRITE, api_key="server-x", seconds=5)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("refused"), NotSentError),
        (httpx.ConnectTimeout("late"), NotSentError),
        (httpx.PoolTimeout("late"), NotSentError),
        (httpx.ReadTimeout("late"), LostError),
        (httpx.ReadError("reset"), LostError),
        (httpx.WriteError("reset"), LostError),
        (httpx.RemoteProtocolError("cut"), LostError),
    ],
)
def test_network_errors(error: Exception, expected: type[Exception]) -> None:
    """Trouble before a connection stands means not sent; any later, the request may have arrived."""
    with wire_to(ScriptedStigg(error)) as wire, pytest.raises(expected):
        wire.exchange(WRITE, api_key="server-x", seconds=5)


class HeldNetwork(httpcore.SyncBackend):
    """A network on which no connection comes about before it is released."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:  # noqa: ANN401 - as httpcore's own
        """Wait, heeding no timeout, as name resolution does; then connect."""
        self.released.wait()
        return super().connect_tcp(*args, **kwargs)


class TransportOver(httpx.HTTPTransport):
    """httpx's own transport over a network of ours."""

    def __init__(self, network: httpcore.NetworkBackend) -> None:
        super().__init__()
        self._pool = httpcore.ConnectionPool(network_backend=network)


@contextmanager
def listening() -> Iterator[tuple[str, Queue[bytes]]]:
    """Listen to one connection: the URL, and what arrives there."""
    heard: Queue[bytes] = Queue()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                heard.put(connection.recv(65536))

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
        thread.join()


def test_too_late_to_be_sent() -> None:
    """A request that finds its connection after the caller was answered is never sent: it counts as not sent."""
    network = HeldNetwork()
    with listening() as (url, heard), closing(Transport(url, transport=TransportOver(network))) as wire:
        with pytest.raises(NotSentError):
            wire.exchange(WRITE, api_key="server-x", seconds=0.1)
        network.released.set()

        assert heard.get(timeout=5) == b""


def test_sent_in_time() -> None:
    """A request whose connection comes about in time is sent as ever, body and all."""
    network = HeldNetwork()
    network.released.set()
    with server(answer) as url, closing(Transport(url, transport=TransportOver(network))) as wire:
        assert wire.exchange(WRITE, api_key="server-x", seconds=5).status == 200


HEADERS, BODY = "http11.send_request_headers.started", "http11.send_request_body.started"


def test_permit() -> None:
    """Until it is withdrawn a permit lets everything pass; then nothing, and it knows whether something has left."""
    early, late = Permit(60), Permit(60)
    for event in ("connection.connect_tcp.started", HEADERS, "http11.send_request_headers.complete"):
        early.trace(event, {})

    assert (early.withdraw(), late.withdraw()) == (True, False)
    with pytest.raises(LostError):
        early.trace(BODY, {})
    with pytest.raises(NotSentError):
        late.trace(HEADERS, {})


def test_permit_runs_out() -> None:
    """After its time a permit lets nothing leave, though nobody has withdrawn it yet."""
    with pytest.raises(NotSentError):
        Permit(-1).trace(HEADERS, {})
