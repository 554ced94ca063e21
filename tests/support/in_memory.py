"""One action over fakes in memory: DynamoDB, Secrets Manager, a clock, and a Stigg behind httpx's transport."""

import importlib
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx

from stigg_actions.deps import Container
from stigg_actions.entrypoints.action import Handler, entrypoint
from stigg_actions.stigg.transport import Transport
from tests.support import fakes


@contextmanager
def deployed(action: str, stigg: fakes.Handler) -> Iterator[Handler]:
    """Deploy an action, by the name of its module; return its handler."""
    transport = httpx.MockTransport(stigg)
    with closing(Transport(fakes.SETTINGS.stigg_api_url, transport=transport)) as wire:
        container = Container(
            fakes.SETTINGS,
            dynamodb=fakes.FakeDynamoDB().client,
            secrets_manager=fakes.FakeSecretsManager(fakes.secret_text()).client,
            wire=wire,
            clock=fakes.FakeClock(),
        )
        function = getattr(importlib.import_module(f"functions.{action}.app"), action)
        yield entrypoint(function, lambda: container)
