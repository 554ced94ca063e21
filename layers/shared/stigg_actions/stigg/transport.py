"""The wire: one HTTP exchange with a hard time limit. The only module that knows httpx."""

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


_BYTES_LEAVE = (".send_request_headers.started", ".send_request_body.started")


@cache
def _trusted() -> ssl.SSLContext:
    """Return who is trusted, read once: it takes longer than a call."""
    return trust_in(os.environ.get("SSL_CERT_DIR"))


def trust_in(folder: str | None) -> ssl.SSLContext:
    """Return a context that trusts the authorities of a directory, named by their hashes: OpenSSL reads what it needs.

    Without such a directory, certifi's: of one that is not there OpenSSL would say nothing, and trust nobody.
    """
    if folder is None or not Path(folder).is_dir():
        return httpx.create_ssl_context(trust_env=False)
    return ssl.create_default_context(capath=folder)


class NotSentError(Exception):
    """Not a byte was sent, or will be: the request surely never reached Stigg."""


class LostError(Exception):
    """The request may have reached Stigg, but no whole answer came back in time."""


class Permit:
    """The permission to send one request, which ends with its time or when it is abandoned.

    Name resolution heeds no timeout, and Lambda may freeze a worker that waits for it and thaw it minutes later: what
    has not left by then must never leave, because the caller was told so.
    """

    def __init__(self, seconds: float) -> None:
        self._latest = time.monotonic() + seconds
        self._abandoned = False
        self._used = False
        self._lock = Lock()

    def trace(self, event: str, _info: object) -> None:
        """Stop a request that is too late in the last moment before its bytes leave; called by httpx.

        Raises:
            NotSentError: it is too late, and nothing has left.
            LostError: it is too late, and a part has left.
        """
        if not event.endswith(_BYTES_LEAVE):
            return
        with self._lock:
            if self._abandoned or time.monotonic() > self._latest:
                raise LostError("too late to be sent whole") if self._used else NotSentError("too late to be sent")
            self._used = True

    def withdraw(self) -> bool:
        """Let nothing leave from now on; return whether something has left."""
        with self._lock:
            self._abandoned = True
            return self._used


class Transport:
    """One connection pool to Stigg, kept for the life of the container.

    Each exchange runs in a worker thread, because a socket's own timeouts start anew with every byte: a peer that
    drips bytes would hold the caller for ever. A worker that overruns is abandoned together with its connections, and
    sends nothing from then on.
    """

    def __init__(self, base_url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._base_url = base_url
        self._transport = transport
        self._open()

    def exchange(self, request: StiggRequest, *, api_key: str, seconds: float) -> Reply:
        """Send a request and return the whole reply.

        Raises:
            NotSentError: surely nothing was sent.
            LostError: the request went out, but no whole answer came within ``seconds``.
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
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stigg")

    def close(self) -> None:
        """Close all connections, under a request that still waits too."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _abandon(self) -> None:
        self.close()
        self._open()
