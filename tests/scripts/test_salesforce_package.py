"""The script that builds the Salesforce package calls the Salesforce CLI as that expects it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from local.stack.template import ROOT
from tests.support.some import some

CREATE, BUILD = "package create", "package version create"
FAKE_CLI = '#!/bin/sh\necho "$PWD|$STIGG_ACTIONS_URL|$STIGG_ACTIONS_REGION|$*"\n'


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the script and of the project's configuration, with a CLI that prints how it is called."""
    for file in ("scripts/salesforce-package", "salesforce/sfdx-project.json"):
        (tmp_path / file).parent.mkdir()
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "sf").write_text(FAKE_CLI)
    (tmp_path / "sf").chmod(0o755)
    return tmp_path


def called(copy: Path, *arguments: str, **variables: str) -> list[list[str]]:
    """Run the script, and return folder, URL, region and arguments of each call of the CLI."""
    result = subprocess.run(  # noqa: S603 - the project's own script
        [copy / "scripts/salesforce-package", *arguments],
        env={"PATH": f"{copy}:/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("|") for line in result.stdout.splitlines()]


def test_the_first_version_creates_the_package(copy: Path) -> None:
    """Without an id of the package, it is created before its first version; both have the placeholders."""
    calls = called(copy, "hub", "--branch", "main")

    assert [call[3].startswith(start) for call, start in zip(calls, (CREATE, BUILD), strict=True)] == [True, True]
    assert all("--target-dev-hub hub" in call[3] and call[0] == str(copy / "salesforce") for call in some(calls))
    assert calls[1][3].endswith("--branch main")
    replacements = json.loads((copy / "salesforce/sfdx-project.json").read_text())["replacements"]
    assert calls[1][1:3] == [replacement["stringToReplace"] for replacement in replacements]


def test_later_versions_use_the_package(copy: Path) -> None:
    """With the id that the CLI wrote, only a version is built; URL and region of the environment get into it."""
    project = copy / "salesforce/sfdx-project.json"
    alias = {"Stigg Actions": "0Ho000000000001AAA"}
    project.write_text(json.dumps(json.loads(project.read_text()) | {"packageAliases": alias}, indent=2))

    (call,) = called(copy, "hub", STIGG_ACTIONS_URL="https://api.example.com/v1", STIGG_ACTIONS_REGION="eu-west-1")

    assert call[3].startswith(BUILD)
    assert call[1:3] == ["https://api.example.com/v1", "eu-west-1"]


def test_the_dev_hub_is_needed(copy: Path) -> None:
    """Without the alias of a Dev Hub, the script says so and calls nothing."""
    with pytest.raises(subprocess.CalledProcessError) as error:
        called(copy)

    assert (error.value.returncode, error.value.stdout) == (2, "")
    assert "DEV_HUB_ALIAS" in error.value.stderr
