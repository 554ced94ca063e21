"""The calls that leave one process, numbered in order, and what may befall one of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

_ID = re.compile(r"(customers|contracts|grants|subscriptions|plans|promotional-entitlements)/(?!preview)[^/]+")

type Mishap = Callable[[Callable[[], Any]], Any]
"""What becomes of a call: it is given the call, may make it or not, and answers, raises, or ends the process."""


FOR_EVER = 1000
"""More calls than any action makes."""


class CrashError(BaseException):
    """The end of a process: nothing in the product catches it."""


@dataclass
class Death:
    """The death of a process before or after one of its calls; of the calls that its code still tries, none is made.

    To all that is outside of the process this is the same as a kill.
    """

    after: bool
    has_come: bool = False

    def __call__(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - nothing is answered
        """End the process."""
        if self.after and not self.has_come:
            call()
        self.has_come = True
        raise CrashError


@dataclass
class Network:
    """The network as one container sees it. From its ``first`` call on, ``times`` calls meet the mishap.

    ``service``: only those to it do.
    """

    mishap: Mishap | None = None
    first: int = 0
    times: int = 1
    service: str = ""
    calls: list[str] = field(default_factory=list)

    def make(self, name: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the call answers
        """Make a call, or let it meet the mishap."""
        number = len(self.calls)
        self.calls.append(name)
        is_meant = self.first <= number < self.first + self.times and name.startswith(self.service)
        if self.mishap is not None and is_meant:
            return self.mishap(call)
        return call()

    def client(self, client: Any, service: str) -> "WatchedClient":  # noqa: ANN401 - any boto3 client
        """Return an AWS client whose calls go over this network."""
        return WatchedClient(self, client, service)

    def transport(self, inner: httpx.BaseTransport) -> "WatchedTransport":
        """Return a transport to Stigg over this network."""
        return WatchedTransport(self, inner)


class WatchedClient:
    """An AWS client whose operations are numbered as ``DynamoDB transact_write_items``."""

    def __init__(self, network: Network, client: Any, service: str) -> None:  # noqa: ANN401 - any boto3 client
        self._network = network
        self._client = client
        self._service = service

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        """Return an operation that is numbered when it is called."""

        def call(**arguments: Any) -> Any:  # noqa: ANN401 - any operation's arguments
            made = partial(getattr(self._client, operation), **arguments)
            return self._network.make(f"{self._service} {operation}", made)

        return call


class WatchedTransport(httpx.BaseTransport):
    """A transport whose requests are numbered as ``Stigg POST /subscriptions``; answers are read whole."""

    def __init__(self, network: Network, inner: httpx.BaseTransport) -> None:
        self._network = network
        self._inner = inner

    def close(self) -> None:
        """Close the transport that it watches."""
        self._inner.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make a request over the network."""
        name = f"Stigg {request.method} {_route(request.url.path)}"
        answer: httpx.Response = self._network.make(name, partial(self._exchange, request))
        return answer

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        response.read()
        return response


def _route(path: str) -> str:
    """Return a path as Stigg's routes are written, without its ids."""
    return _ID.sub(r"\1/{id}", path.removeprefix("/api/v1"))
