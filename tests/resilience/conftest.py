"""The deployment that is killed, cut off and raced."""

from collections.abc import Iterator

import pytest

from local.stack.ministack import Ministack
from local.stigg_emulator.hosting import HostedEmulator
from tests.resilience.matrix import Matrix
from tests.resilience.stage import PassingClock, Stage
from tests.support.aws import AwsInProcess, ServedAws
from tests.support.harness import running_harness
from tests.support.mortal import waiting_mortal
from tests.support.tables import Tables


@pytest.fixture(scope="session")
def stage(aws: AwsInProcess, made_tables: Tables, stigg_server: HostedEmulator) -> Iterator[Stage]:
    """All actions in this process; waits take no time."""
    with running_harness(aws, made_tables, stigg_server, clock=PassingClock()) as harness:
        yield Stage(harness)


@pytest.fixture(scope="session")
def matrix(
    ministack: Ministack, served_aws: ServedAws, served_tables: Tables, stigg_server: HostedEmulator
) -> Iterator[Matrix]:
    """A deployment over an AWS that is a server, and another process that dies over its tables and its Stigg."""
    with (
        running_harness(served_aws, served_tables, stigg_server, clock=PassingClock()) as harness,
        waiting_mortal(harness.settings, ministack) as mortal,
    ):
        yield Matrix(Stage(harness), mortal)
