"""Transports to Stigg that let something happen before a request arrives."""

from collections.abc import Callable

import httpx

from tests.support.harness import Harness


class SlowTransport(httpx.BaseTransport):
    """Lets time pass before each request with a method and an end of its path."""

    def __init__(self, actions: Harness, seconds: float, ending: str) -> None:
        self._actions, self._seconds, self._ending = actions, seconds, ending

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer late."""
        if request.method == "POST" and request.url.path.endswith(self._ending):
            self._actions.clock.skip(self._seconds)
        return self._actions.to_stigg.handle_request(request)


class Meanwhile(httpx.BaseTransport):
    """Lets something happen once, before the first request whose method and path contain a text."""

    def __init__(self, actions: Harness, text: str, what: Callable[[], object]) -> None:
        self._actions, self._text, self._what = actions, text, what
        self._happened = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Let it happen, then answer."""
        if not self._happened and self._text in f"{request.method} {request.url.path}":
            self._happened = True
            self._what()
        return self._actions.to_stigg.handle_request(request)
