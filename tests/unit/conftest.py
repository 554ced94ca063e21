"""What the tests of the client share."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import httpx
import pytest

from stigg_actions.clock import Deadline
from stigg_actions.stigg.http import Wire
from stigg_actions.stigg.session import Session
from tests.support.fakes import FakeClock, FakeSecretsManager, Handler, secret_text, secrets_of

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
            wire = Wire("https://stigg.example", transport=httpx.MockTransport(stigg))
            manager = secrets or FakeSecretsManager(secret_text())
            return Session(
                resources.enter_context(closing(wire)),
                secrets_of(manager, clock),
                Deadline.after(clock, seconds),
                "development",
            )

        yield session
