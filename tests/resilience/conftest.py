"""The deployment that is killed, cut off and raced."""

from collections.abc import Iterator

import pytest

from local.stack.ministack import Ministack
from local.stigg_emulator.hosting import Emulator
from tests.resilience.matrix import Matrix, PassingClock
from tests.support.harness import Harness, running_harness
from tests.support.mortal import waiting_mortal
from tests.support.tables import Tables


@pytest.fixture
def actions(ministack: Ministack, tables: Tables, emulator: Emulator) -> Iterator[Harness]:
    """All actions in this process, over empty tables and an empty Stigg; waits take no time."""
    with running_harness(ministack, tables, emulator, clock=PassingClock()) as harness:
        yield harness


@pytest.fixture(scope="session")
def matrix(ministack: Ministack, made_tables: Tables, stigg_server: Emulator) -> Iterator[Matrix]:
    """A deployment in this process, and another process that dies over the same tables and the same Stigg."""
    with (
        running_harness(ministack, made_tables, stigg_server, clock=PassingClock()) as harness,
        waiting_mortal(harness.settings, ministack) as mortal,
    ):
        yield Matrix(harness, ministack, mortal)
