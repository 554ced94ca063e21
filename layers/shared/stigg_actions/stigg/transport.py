"""One HTTP exchange with a hard time limit. The only module that uses httpx."""

import os
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Lock

import httpx

from stigg_actions import decimal_json
from stigg_actions.stigg.request import StiggRequest
from stigg_actions.stigg.response import Reply

CONNECT_SECONDS = 3.0
_MOST_AT_ONCE = 8
"""Exchanges of one invocation that may run side by side. A thread is started only while the others are busy."""


_BYTES_LEAVE = (".send_request_headers.started", ".send_request_body.started")


@cache
def _trusted() -> ssl.SSLContext:
    """Return the trusted authorities. They are read once, because that takes longer than a call."""
    return trust_in(os.environ.get("SSL_CERT_DIR"))


def trust_in(folder: str | None) -> ssl.SSLContext:
    """Return a context that trusts the authorities in a directory, from which OpenSSL reads by hash what it needs.

    Without the directory, trust certifi's: OpenSSL would ignore that it is missing, and trust no authority.
    """
    if folder is None or not Path(folder).is_dir():
        return httpx.create_ssl_context(trust_env=False)
    return ssl.create_default_context(capath=folder)


class NotSentError(Exception):
    """No byte was sent, or will be: the request certainly did not reach Stigg."""


class LostError(Exception):
    """The request may have reached Stigg, but no complete answer arrived in time."""


class Permit:
    """The permission to send one request. It ends with the request's time, or when the request is abandoned.

    Name resolution has no timeout, and Lambda may freeze a worker that waits for it and resume it minutes later. A
    request that was not sent by then must never be sent, because the caller got that answer.
    """

    def __init__(self, seconds: float) -> None:
        self._latest = time.monotonic() + seconds
        self._abandoned = False
        self._used = False
        self._lock = Lock()

    def trace(self, event: str, _info: object) -> None:
        """Stop a request that is too late just before its bytes are sent. httpx calls this.

        Raises:
            NotSentError: it is too late, and no byte was sent.
            LostError: it is too late, and a part was sent.
        """
        if not event.endswith(_BYTES_LEAVE):
            return
        with self._lock:
            if self._abandoned or time.monotonic() > self._latest:
                raise LostError("too late to be sent whole") if self._used else NotSentError("too late to be sent")
            self._used = True

    def withdraw(self) -> bool:
        """Forbid sending from now on; return whether a byte was sent."""
        with self._lock:
            self._abandoned = True
            return self._used


class Transport:
    """One connection pool to Stigg, kept for the life of the container.

    Each exchange runs in a worker thread, because the timeouts of a socket restart with every byte: a server that
    sends byte by byte would block the caller without end. A worker that exceeds its time is abandoned together with its
    connections, and sends nothing from then on.
    """

    def __init__(self, base_url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._base_url = base_url
        self._transport = transport
        self._open()

    def exchange(self, request: StiggRequest, *, api_key: str, seconds: float) -> Reply:
        """Send a request and return the whole reply.

        Raises:
            NotSentError: no byte was sent.
            LostError: the request was sent, but no complete answer arrived within ``seconds``.
        """
        permit = Permit(seconds)
        work = self._worker.submit(self._send, request, api_key, seconds, permit)
        try:
            return work.result(timeout=seconds)
        except TimeoutError:
            begun = permit.withdraw()
            self._abandon()
            raise (LostError("no answer in time") if begun else NotSentError("no connection in time")) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSentError(type(error).__name__) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise LostError(type(error).__name__) from None

    def _send(self, request: StiggRequest, api_key: str, seconds: float, permit: Permit) -> Reply:
        headers = {"X-API-KEY": api_key, "Accept": "application/json"}
        if request.idempotency_key is not None:
            headers["Idempotency-Key"] = request.idempotency_key
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        response = self._client.request(
            request.method,
            request.path,
            params=dict(request.query),
            headers=headers,
            content=None if request.body is None else decimal_json.dumps(request.body).encode(),
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            extensions={"trace": permit.trace},
        )
        return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.text)

    def _open(self) -> None:
        self._client = httpx.Client(
            base_url=self._base_url, transport=self._transport, verify=_trusted(), trust_env=False
        )
        self._worker = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="stigg")

    def close(self) -> None:
        """Close all connections, including that of a request that still waits."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _abandon(self) -> None:
        self.close()
        self._open()
