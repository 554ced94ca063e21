"""The Stigg emulator as the transport of an HTTP client: requests reach it without a network."""

from collections.abc import Iterator
from email.utils import formatdate
from typing import override

import httpx

from local.stigg_emulator.answers import Answer
from local.stigg_emulator.gateway import Request
from local.stigg_emulator.service import Service

LEAVING = "http11.send_request_headers.started"
"""What httpx reports in the last moment before the bytes of a request leave."""


class EmulatorTransport(httpx.BaseTransport):
    """Passes requests to an emulator of this process; cuts, delays and drips as its server does."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if "trace" in request.extensions:
            request.extensions["trace"](LEAVING, {})
        answer = self._service.answer(_received(request))
        if answer is None:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        headers = {**answer.all_headers(), "Date": formatdate(usegmt=True)}
        return httpx.Response(answer.status, headers=headers, content=self._content(answer))

    def _content(self, answer: Answer) -> bytes | Iterator[bytes]:
        return self._dripping(answer) if answer.drip else answer.content()

    def _dripping(self, answer: Answer) -> Iterator[bytes]:
        for byte in answer.content():
            yield bytes([byte])
            self._service.stopping.wait(answer.drip)


def _received(request: httpx.Request) -> Request:
    path, _, query = request.url.raw_path.decode().partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, path, query, headers, request.read())
