"""AWS for the tests: ministack as a server on loopback, or its services called in this process, which is faster."""

import importlib
import importlib.util
import io
import sys
import threading
from collections.abc import Coroutine, Iterator, Mapping
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from local.stack.ministack import PYTHON, REGION, ROOT_CREDENTIALS, Ministack
from tests.support.plain_aws import TARGETS, HttpPost, PlainAws

PACKAGES = PYTHON.parents[1] / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
URL = "http://aws.in-process"
"""The endpoint of the clients; the host of the queues' URLs. Nothing is sent there."""
SERVICES = {target: service for service, target in TARGETS.items()}


class Aws(Protocol):
    """Where the tests find DynamoDB, Secrets Manager and SQS."""

    @property
    def url(self) -> str:
        """The endpoint."""

    def plain(self, service: str) -> PlainAws:
        """Return a client that costs little time."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - the client of any service
        """Return boto3's client."""


class ServedAws:
    """The stand-in as a server: for what runs in other processes."""

    def __init__(self, server: Ministack) -> None:
        self._server = server
        self.url = server.url

    def plain(self, service: str) -> PlainAws:
        """Return a client that costs little time."""
        return PlainAws(HttpPost(self.url), service)

    def client(self, service: str) -> Any:  # noqa: ANN401 - the client of any service
        """Return boto3's client."""
        return boto3.client(service, **self._server.client_settings())  # type: ignore[call-overload]  # any service


class AwsInProcess:
    """The stand-in's services in this process, one call at a time. They keep what they hold until it ends."""

    url = URL

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _find_ministack()
        self._services = {name: importlib.import_module(f"ministack.services.{name}") for name in TARGETS}

    def plain(self, service: str) -> PlainAws:
        """Return a client that costs little time."""
        return PlainAws(self._post, service)

    def client(self, service: str) -> Any:  # noqa: ANN401 - the client of any service
        """Return boto3's client, which hands its requests over instead of sending them."""
        client = boto3.client(  # type: ignore[call-overload]  # any service
            service,
            endpoint_url=URL,
            region_name=REGION,
            aws_access_key_id=ROOT_CREDENTIALS.access_key_id,
            aws_secret_access_key=ROOT_CREDENTIALS.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}),
        )
        client.meta.events.register("before-send", self._answer)
        return client

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        known = {"X-Amz-Target": target.decode() if isinstance(target, bytes) else str(target)}
        assert isinstance(request.body, bytes | str)
        status, body = self._post(request.body, known)
        return AWSResponse(request.url, status, HTTPHeaders(), _Raw(body))

    def _post(self, body: str | bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        target = headers["X-Amz-Target"]
        service = self._services[SERVICES[target.partition(".")[0]]]
        known = {"x-amz-target": target, "host": urlsplit(URL).netloc}
        content = body.encode() if isinstance(body, str) else body
        with self._lock:
            status, _, answer = _result(service.handle_request("POST", "/", known, content, {}))
        return status, answer if isinstance(answer, bytes) else answer.encode()


class _Raw(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """Yield all of it."""
        yield self.read()


def _result(call: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever it returns
    """Run a coroutine that waits for nothing."""
    try:
        call.send(None)
    except StopIteration as finished:
        return finished.value
    raise NotImplementedError("This operation waits: it needs the server.")


def _find_ministack() -> ModuleType:
    """Import ministack, and nothing else, from its own environment."""
    if "ministack" not in sys.modules:
        spec = PathFinder.find_spec("ministack", [str(PACKAGES)])
        assert spec is not None, f"ministack is not in {PACKAGES}; `make setup` installs it"
        assert spec.loader is not None
        sys.modules["ministack"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules["ministack.app"] = server = ModuleType("ministack.app")  # what its services ask of the server
        server.AUTH = False  # type: ignore[attr-defined]  # it checks no signatures
    return sys.modules["ministack"]
