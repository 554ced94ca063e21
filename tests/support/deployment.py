"""The deployment that the function tests call, and a Salesforce org whose Flows call it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import PROJECT, SETTINGS
from local.stack.ministack import Ministack
from local.stigg_emulator.hosting import HostedEmulator
from tests.support.aws import Aws, ServedAws
from tests.support.harness import Harness, running_harness
from tests.support.lambda_runtime import Runtimes, running_functions
from tests.support.tables import Tables


@pytest.fixture(scope="session")
def deployment(aws: Aws, made_tables: Tables, stigg_server: HostedEmulator) -> Iterator[Harness]:
    """All actions in this process, made once."""
    with running_harness(aws, made_tables, stigg_server) as harness:
        yield harness


@pytest.fixture
def actions(deployment: Harness, tables: Tables, emulator: HostedEmulator) -> Iterator[Harness]:  # noqa: ARG001 - emptied
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
def served_deployment(served_aws: ServedAws, served_tables: Tables, stigg_server: HostedEmulator) -> Iterator[Harness]:
    """All actions, over an AWS that other processes reach, too."""
    with running_harness(served_aws, served_tables, stigg_server) as harness:
        yield harness


@pytest.fixture
def served_actions(served_deployment: Harness, served_tables: Tables, emulator: HostedEmulator) -> Iterator[Harness]:  # noqa: ARG001 - emptied
    """The same over empty tables and an empty Stigg."""
    served_tables.clear()
    with served_deployment.afresh() as harness:
        yield harness


@pytest.fixture(scope="session")
def runtimes(
    served_deployment: Harness, ministack: Ministack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runtimes]:
    """The functions as Lambda runs them, each in a process of its own once it is called."""
    with running_functions(served_deployment, ministack, tmp_path_factory.mktemp("runtime") / "log") as running:
        yield running
