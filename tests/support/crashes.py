"""Calls that die: transports under which the process seems killed around a request to Stigg, or others come first."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from stigg_actions.deps import Container
from tests.support.harness import Harness
from tests.support.network import CrashError

__all__ = ["CrashError", "container_that_first", "crash", "dying_container", "listening_container"]


class CrashingTransport(httpx.BaseTransport):
    """Dies before or after the first request whose method and path match."""

    def __init__(self, inner: httpx.BaseTransport, pattern: str, *, after: bool) -> None:
        self._inner = inner
        self._pattern = re.compile(pattern)
        self._after = after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, or die around it."""
        if not self._pattern.search(f"{request.method} {request.url.path}"):
            return self._inner.handle_request(request)
        if self._after:
            self._inner.handle_request(request).read()
        raise CrashError


def dying_container(harness: Harness, pattern: str, *, after: bool) -> Container:
    """Return a container whose process dies around the first matching request, such as ``POST .*/subscriptions``."""
    return harness.container(harness.wire(CrashingTransport(harness.to_stigg, pattern, after=after)))


def crash(harness: Harness, action: str, request: object, pattern: str, *, after: bool) -> None:
    """Send a request whose process dies before or after its first matching call to Stigg."""
    with pytest.raises(CrashError):
        harness.post(action, request, dying_container(harness, pattern, after=after))


class ListeningTransport(httpx.BaseTransport):
    """Notes the JSON bodies of the requests whose method and path match."""

    def __init__(self, inner: httpx.BaseTransport, pattern: str, heard: list[dict[str, Any]]) -> None:
        self._inner = inner
        self._pattern = re.compile(pattern)
        self._heard = heard

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Note a request's body, and pass it on."""
        if self._pattern.search(f"{request.method} {request.url.path}"):
            self._heard.append(json.loads(request.content))
        return self._inner.handle_request(request)


def listening_container(harness: Harness, pattern: str, heard: list[dict[str, Any]]) -> Container:
    """Return a container that notes the bodies of its matching requests."""
    return harness.container(harness.wire(ListeningTransport(harness.to_stigg, pattern, heard)))


class MeanwhileTransport(httpx.BaseTransport):
    """Lets something happen once, just before the first request that matches, after others have, one after another."""

    def __init__(
        self, inner: httpx.BaseTransport, pattern: str, happens: Callable[[], object], after: Sequence[str]
    ) -> None:
        self._inner = inner
        self._patterns = [pattern, *reversed(after)]
        self._happens = happens

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Let it happen, and pass the request on."""
        if self._patterns and re.search(self._patterns[-1], f"{request.method} {request.url.path}"):
            self._patterns.pop()
            if not self._patterns:
                self._happens()
        return self._inner.handle_request(request)


def container_that_first(
    harness: Harness, pattern: str, happens: Callable[[], object], *, after: Sequence[str] = ()
) -> Container:
    """Return a container in which something happens just before the matching request to Stigg."""
    return harness.container(harness.wire(MeanwhileTransport(harness.to_stigg, pattern, happens, after)))
