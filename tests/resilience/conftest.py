"""The deployment that is killed, cut off and raced."""

from collections.abc import Iterator

import pytest

from local.stigg_emulator.hosting import HostedEmulator
from tests.resilience.matrix import Matrix
from tests.resilience.stage import PassingClock, Stage
from tests.support.aws import AwsInProcess
from tests.support.harness import running_harness
from tests.support.tables import Tables


@pytest.fixture(scope="session")
def stage(aws: AwsInProcess, made_tables: Tables, stigg_server: HostedEmulator) -> Iterator[Stage]:
    """All actions in this process; waits take no time."""
    with running_harness(aws, made_tables, stigg_server, clock=PassingClock()) as harness:
        yield Stage(harness)


@pytest.fixture(scope="session")
def racing(aws: AwsInProcess, made_tables: Tables, stigg_server: HostedEmulator) -> Iterator[Stage]:
    """A deployment on which a wait takes its time."""
    with running_harness(aws, made_tables, stigg_server) as harness:
        yield Stage(harness)


@pytest.fixture(scope="session")
def matrix(stage: Stage) -> Matrix:
    """The crash matrix on the same deployment."""
    return Matrix(stage)
