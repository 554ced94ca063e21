"""The deployment that is killed, cut off and raced."""

from collections.abc import Iterator

import pytest

from local.stack.ministack import Ministack
from local.stigg_emulator.hosting import Emulator
from tests.resilience.matrix import Matrix
from tests.resilience.stage import PassingClock, Stage
from tests.support.harness import running_harness
from tests.support.mortal import waiting_mortal
from tests.support.tables import Tables


@pytest.fixture(scope="session")
def stage(ministack: Ministack, made_tables: Tables, stigg_server: Emulator) -> Iterator[Stage]:
    """All actions in this process; waits take no time."""
    with running_harness(ministack, made_tables, stigg_server, clock=PassingClock()) as harness:
        yield Stage(harness)


@pytest.fixture(scope="session")
def matrix(stage: Stage, ministack: Ministack) -> Iterator[Matrix]:
    """The same deployment, and another process that dies over its tables and its Stigg."""
    with waiting_mortal(stage.actions.settings, ministack) as mortal:
        yield Matrix(stage, mortal)
