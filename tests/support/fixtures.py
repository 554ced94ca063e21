"""A clock, a Stigg and a console in memory, as fixtures."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from aws_lambda_powertools import Logger

from stigg_actions.clock import CallStats, Deadline
from stigg_actions.observability import SERVICE
from stigg_actions.stigg.session import Session
from stigg_actions.stigg.transport import Transport
from tests.support.fakes import FakeClock, FakeSecretsManager, Handler, secret_text, secrets_of

if TYPE_CHECKING:
    from logging import StreamHandler

type Connect = Callable[..., Session]


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until somebody waits."""
    return FakeClock()


@pytest.fixture
def connect(clock: FakeClock) -> Iterator[Connect]:
    """Open sessions with a Stigg in memory, for 25 seconds unless told otherwise."""
    with ExitStack() as resources:

        def session(stigg: Handler, *, seconds: float = 25.0, secrets: FakeSecretsManager | None = None) -> Session:
            wire = Transport("https://stigg.example", transport=httpx.MockTransport(stigg))
            manager = secrets or FakeSecretsManager(secret_text())
            return Session(
                resources.enter_context(closing(wire)),
                secrets_of(manager, clock),
                Deadline.after(clock, seconds),
                "development",
                CallStats(),
            )

        yield session


@dataclass(frozen=True)
class Console:
    """What the functions write to standard output: log lines and metrics."""

    logs: io.StringIO
    captured: pytest.CaptureFixture[str]

    def text(self) -> str:
        """Return all of it since the last time, the logs first."""
        text = self.logs.getvalue() + self.captured.readouterr().out
        self.logs.seek(self.logs.truncate(0))
        return text

    def lines(self) -> list[Any]:
        """Return it as JSON objects, line by line."""
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def console(capsys: pytest.CaptureFixture[str]) -> Iterator[Console]:
    """Read what the functions write; the logger keeps the stream that it was made with, so it is given another."""
    handler = cast("StreamHandler[Any]", Logger(service=SERVICE).registered_handler)
    console, before = Console(io.StringIO(), capsys), handler.stream
    handler.stream = console.logs
    yield console
    handler.stream = before
