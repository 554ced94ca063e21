"""The Salesforce project as it is, and copies of it that a test may break."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from local.stack.template import ROOT
from scripts.openapi.reading import Document
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.service import Service

FOLDER = ROOT / "salesforce"
SERVICE = Service(Document((ROOT / "docs" / "openapi.json").read_text()))

type Breaker = Callable[[str, str, str], Project]


@pytest.fixture(scope="session")
def project() -> Project:
    """The project in `salesforce/`."""
    return Project(FOLDER, SERVICE)


@pytest.fixture
def broken(tmp_path: Path) -> Breaker:
    """Make a copy of the project in which a text of one file is another; a file that is not there is new."""

    def breaker(file: str, old: str, new: str) -> Project:
        copy = tmp_path / "salesforce"
        shutil.copytree(FOLDER, copy, copy_function=shutil.copyfile)
        paths = list(copy.rglob(file)) or [copy / "force-app/main/default" / file]
        content = paths[0].read_text() if paths[0].exists() else ""
        assert old in content, f"{file} has no {old}"
        paths[0].parent.mkdir(parents=True, exist_ok=True)
        paths[0].write_text(content.replace(old, new, 1))
        return Project(copy, SERVICE)

    return breaker
