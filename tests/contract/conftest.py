"""One emulator for all contract tests, emptied before each; the official SDK and plain HTTP as its clients."""

from collections.abc import Iterator

import pytest
from stigg import Stigg

from local.stigg_emulator.hosting import Emulator, running_emulator
from tests.contract.client import Api


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    """Run one emulator for the whole session."""
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """Give an emulator that holds nothing yet."""
    running.reset()
    return running


@pytest.fixture
def stigg(emulator: Emulator) -> Iterator[Stigg]:
    """Give the official SDK, refusing answers that do not match its types, never retrying."""
    with Stigg(
        api_key=emulator.key,
        base_url=emulator.url,
        max_retries=0,
        _strict_response_validation=True,
    ) as client:
        yield client


@pytest.fixture
def api(emulator: Emulator) -> Iterator[Api]:
    """Give a plain HTTP client."""
    with Api(emulator) as client:
        yield client
