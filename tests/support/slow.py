"""A Stigg that answers late."""

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
