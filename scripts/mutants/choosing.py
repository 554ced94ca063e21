"""A pytest plugin that runs the tests named in a file, in that order, and no others."""

import os
from pathlib import Path

import pytest

FILE = "MUTANTS_TESTS"
"""The environment variable that names the file, which has a test id on each line."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the file, in its order."""
    order = {test: place for place, test in enumerate(Path(os.environ[FILE]).read_text().splitlines())}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in order])
    items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])
