"""The answer leaves before API Gateway gives up, however silent DynamoDB, Secrets Manager and Stigg are."""

import importlib
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, cast

import boto3
import httpx
import pytest
from botocore.exceptions import ReadTimeoutError

from stigg_actions import deps
from stigg_actions.clock import SystemClock
from stigg_actions.deps import Container
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.stigg.transport import Transport
from stigg_actions.storage.dynamodb import LONGEST_CALL_SECONDS
from tests.support.contexts import Context
from tests.support.fakes import SETTINGS, FakeClock, FakeDynamoDB, FakeSecretsManager, WillingStigg, secret_text
from tests.support.valid_requests import BY_ACTION

ORG = "00D000000000001EAA"
LAMBDA_TIMEOUT_SECONDS = 28
SIDE_BY_SIDE = "get_customer"
"""The action whose calls overlap: a clock that adds up what each waits cannot show how long it takes."""
API: dict[str, Any] = {"httpMethod": "POST", "requestContext": {}, "headers": None}


class SilentAfter:
    """An AWS client whose calls are answered so often, and then meet silence for as long as a call may last."""

    def __init__(self, client: object, clock: FakeClock, *, answered: int) -> None:
        self._client = client
        self._clock = clock
        self._left = answered

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        """Return any operation."""

        def call(**arguments: Any) -> Any:  # noqa: ANN401 - as boto3's
            self._left -= 1
            if self._left >= 0:
                return getattr(self._client, operation)(**arguments)
            self._clock.time += LONGEST_CALL_SECONDS
            raise ReadTimeoutError(endpoint_url="https://aws")

        return call


def hanging_after(clock: FakeClock, answered: int) -> httpx.MockTransport:
    """Answer so many requests, and take all the time that there is for the others."""
    left, stigg = [answered], WillingStigg()

    def handle(request: httpx.Request) -> httpx.Response:
        left[0] -= 1
        if left[0] >= 0:
            return stigg(request)
        clock.time += request.extensions["timeout"]["read"]
        raise httpx.ReadTimeout("late")

    return httpx.MockTransport(handle)


@pytest.mark.parametrize("action", [action for action in BY_ACTION if action != SIDE_BY_SIDE])
@pytest.mark.parametrize("answered_by_stigg", [0, 1, 9])
@pytest.mark.parametrize("answered_by_secrets", [0, 1])  # the only read that a new container makes
def test_silence(clock: FakeClock, action: str, answered_by_stigg: int, answered_by_secrets: int) -> None:
    """Whichever calls meet silence, from whichever on, the answer leaves in time, for Lambda and for API Gateway."""
    for answered in range(7):
        begun = clock.time
        with closing(Transport("https://x.example", transport=hanging_after(clock, answered_by_stigg))) as wire:
            container = Container(
                SETTINGS,
                dynamodb=cast("Any", SilentAfter(FakeDynamoDB(), clock, answered=answered)),
                secrets_manager=cast(
                    "Any", SilentAfter(FakeSecretsManager(secret_text()), clock, answered=answered_by_secrets)
                ),
                wire=wire,
                clock=clock,
            )
            function = getattr(importlib.import_module(f"functions.{action}.app"), action)
            event = {**API, "body": json.dumps(BY_ACTION[action][0])}
            answer = entrypoint(function, lambda: container)(event, None)  # noqa: B023 - called here

        assert answer["statusCode"] in {200, 503, 504}
        assert clock.time - begun < LAMBDA_TIMEOUT_SECONDS


@contextmanager
def silent_server() -> Iterator[str]:
    """Listen, and never say a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real client of a server that says nothing gives up while there is time to say so."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    with silent_server() as url, closing(Transport(url)) as wire:
        container = Container(
            SETTINGS,
            dynamodb=boto3.client("dynamodb", endpoint_url=url, region_name="us-east-1", config=deps.AWS),
            secrets_manager=boto3.client("secretsmanager", endpoint_url=url, region_name="us-east-1", config=deps.AWS),
            wire=wire,
            clock=SystemClock(),
        )
        function = importlib.import_module("functions.create_customer.app").create_customer
        begun = time.monotonic()
        answer = entrypoint(function, lambda: container)({**API, "body": '{"customerId": "c"}'}, Context(8))
        took = time.monotonic() - begun

    assert (answer["statusCode"], json.loads(answer["body"])["errorCode"]) == (503, "STORAGE_UNAVAILABLE")
    assert took < 5


def test_silent_server_side_by_side() -> None:
    """Reads that go side by side give up together, while there is time to say so."""
    with silent_server() as url, closing(Transport(url)) as wire:
        container = Container(
            SETTINGS,
            dynamodb=cast("Any", FakeDynamoDB()),
            secrets_manager=cast("Any", FakeSecretsManager(secret_text())),
            wire=wire,
            clock=SystemClock(),
        )
        function = getattr(importlib.import_module(f"functions.{SIDE_BY_SIDE}.app"), SIDE_BY_SIDE)
        begun = time.monotonic()
        answer = entrypoint(function, lambda: container)({**API, "body": '{"customerId": "c"}'}, Context(8))
        took = time.monotonic() - begun

    assert (answer["statusCode"], json.loads(answer["body"])["errorCode"]) == (503, "STIGG_UNAVAILABLE")
    assert took < LAMBDA_TIMEOUT_SECONDS / 2
