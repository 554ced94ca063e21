"""The deployment that the function tests call."""

from collections.abc import Iterator

import pytest

from local.stack.ministack import Ministack
from local.stigg_emulator.hosting import Emulator
from tests.support.harness import Harness, running_harness
from tests.support.tables import Tables


@pytest.fixture
def actions(ministack: Ministack, tables: Tables, emulator: Emulator) -> Iterator[Harness]:
    """All actions in this process, over empty tables and an empty Stigg."""
    with running_harness(ministack, tables, emulator) as harness:
        yield harness
