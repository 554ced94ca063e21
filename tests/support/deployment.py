"""The deployment that the function tests call, and a Salesforce org whose Flows call it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.stack.ministack import Ministack
from local.stigg_emulator.hosting import Emulator
from tests.support.harness import Harness, running_harness
from tests.support.lambda_runtime import Runtimes, running_functions
from tests.support.salesforce_org.org import Org
from tests.support.salesforce_org.selling import PROJECT, SETTINGS
from tests.support.tables import Tables


@pytest.fixture(scope="session")
def deployment(ministack: Ministack, made_tables: Tables, stigg_server: Emulator) -> Iterator[Harness]:
    """All actions in this process, made once."""
    with running_harness(ministack, made_tables, stigg_server) as harness:
        yield harness


@pytest.fixture
def actions(deployment: Harness, tables: Tables, emulator: Emulator) -> Iterator[Harness]:  # noqa: ARG001 - emptied
    """All actions in this process, over empty tables and an empty Stigg."""
    with deployment.afresh() as harness:
        yield harness


@pytest.fixture
def org(actions: Harness) -> Org:
    """A Salesforce org with the project deployed and set up, whose Flows call the actions."""

    def call(action: str, body: str) -> tuple[int, dict[str, Any]]:
        reply = actions.post(action, body)
        return reply.status, reply.body

    now = datetime.fromtimestamp(int(actions.clock.now()), UTC)
    return Org(PROJECT, call, now, passes=actions.clock.skip, settings=dict(SETTINGS))


@pytest.fixture(scope="session")
def runtimes(deployment: Harness, ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtimes]:
    """The functions as Lambda runs them, each in a process of its own once it is called."""
    with running_functions(deployment, ministack, tmp_path_factory.mktemp("runtime") / "log") as running:
        yield running
