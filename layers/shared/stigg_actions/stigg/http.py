"""The wire: one HTTP exchange with a hard time limit. The only module that knows httpx."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from stigg_actions import decimal_json
from stigg_actions.stigg.replies import Reply
from stigg_actions.stigg.requests import StiggRequest

CONNECT_SECONDS = 3.0


class NotSentError(Exception):
    """No connection came about: the request surely never reached Stigg."""


class LostError(Exception):
    """The request may have reached Stigg, but no whole answer came back in time."""


class Wire:
    """One connection pool to Stigg, kept for the life of the container.

    Each exchange runs in a worker thread, because a socket's own timeouts start anew with every byte: a peer that
    drips bytes would hold the caller for ever. A worker that overruns is abandoned together with its connections.
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
        work = self._worker.submit(self._send, request, api_key, seconds)
        try:
            return work.result(timeout=seconds)
        except TimeoutError:
            self._abandon()
            raise LostError("no answer in time") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSentError(type(error).__name__) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise LostError(type(error).__name__) from None

    def _send(self, request: StiggRequest, api_key: str, seconds: float) -> Reply:
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
        )
        return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.text)

    def _open(self) -> None:
        self._client = httpx.Client(base_url=self._base_url, transport=self._transport, trust_env=False)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stigg")

    def close(self) -> None:
        """Close all connections, under a request that still waits too."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _abandon(self) -> None:
        self.close()
        self._open()
