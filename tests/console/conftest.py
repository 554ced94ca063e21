"""The program over the actions of this process."""

from pathlib import Path

import pytest

from tests.support.fixtures import Console
from tests.support.harness import Harness
from tests.support.program import Program, program_of, write_csv


@pytest.fixture
def quiet(console: Console) -> Console:
    """Keep the log lines of the actions out of the program's own output."""
    return console


@pytest.fixture
def program(actions: Harness, quiet: Console) -> Program:  # noqa: ARG001 - a fixture that only has to be there
    """The operators' program."""
    return program_of(actions)


@pytest.fixture
def customers_file(tmp_path: Path) -> Path:
    """A file with seven customers."""
    lines = [f"0015g00000XyAc{letter},cust-{letter},Company {letter}" for letter in "ABCDEFG"]
    return write_csv(tmp_path / "accounts.csv", "Id,customerId,name", *lines)
