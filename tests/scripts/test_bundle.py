"""The bundle of a release: its changelog, its template, its licences and its bill of materials."""

import json
from datetime import date
from pathlib import Path

import pytest

from local.stack.template import ROOT
from scripts.bundle.changelog import NotReleasableError, released
from scripts.bundle.notices import NoLicenceError, bill_of_materials, copy_licences

DAY = date(2027, 1, 31)
BEFORE = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.9.0] - 2026-01-01\n\n- First.\n"
METADATA = "Metadata-Version: 2.4\nName: some-library\nVersion: 1.2\n"


def layer_with(folder: Path, *lines: str, licence: bool = True) -> Path:
    """Make a layer with one library."""
    info = folder / "python" / "some_library-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(METADATA + "".join(f"{line}\n" for line in lines))
    if licence:
        (info / "licenses").mkdir()
        (info / "licenses" / "LICENSE").write_text("Do as you like.\n")
    return folder


def test_the_changelog_is_closed() -> None:
    """The unreleased changes become those of the version, and the next ones have an empty section."""
    after = released(BEFORE, "1.0.0", DAY)

    assert after.startswith("# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2027-01-31\n\n### Added\n\n- A thing.\n")
    assert after.endswith("## [0.9.0] - 2026-01-01\n\n- First.\n")


@pytest.mark.parametrize(
    ("text", "version", "problem"),
    [
        (BEFORE, "1.0", "three numbers"),
        (BEFORE, "v1.0.0", "three numbers"),
        (BEFORE, "0.9.0", "0.9.0 is released"),
        (BEFORE, "0.8.9", "a later one"),
        (BEFORE.replace("### Added\n\n- A thing.\n", ""), "1.0.0", "no changes"),
    ],
)
def test_what_is_not_released(text: str, version: str, problem: str) -> None:
    """A version that is none, or not newer, and a release without changes are refused with the reason."""
    with pytest.raises(NotReleasableError, match=problem):
        released(text, version, DAY)


def test_the_projects_own_changelog_can_be_released() -> None:
    """The changelog of this project has the form that a release needs."""
    text = (ROOT / "CHANGELOG.md").read_text()

    assert "## [99.0.0] - 2027-01-31" in released(text, "99.0.0", DAY)


@pytest.mark.parametrize(
    ("lines", "licences"),
    [
        (["License-Expression: MIT OR Apache-2.0"], [{"expression": "MIT OR Apache-2.0"}]),
        (["License: MIT", "Classifier: License :: OSI Approved :: MIT License"], [{"license": {"id": "MIT"}}]),
        (["License: own", "Classifier: License :: OSI Approved :: Own"], [{"license": {"name": "Own"}}]),
    ],
)
def test_bill_of_materials(tmp_path: Path, lines: list[str], licences: list[object]) -> None:
    """The bill names every library with version, address and licence, as CycloneDX's own format has them."""
    bill = json.loads(bill_of_materials(layer_with(tmp_path, *lines), "1.0.0"))

    (component,) = bill["components"]
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == "1.0.0"
    assert (component["purl"], component["licenses"]) == ("pkg:pypi/some-library@1.2", licences)


def test_licences_are_shipped(tmp_path: Path) -> None:
    """The licence files of a library go into the bundle; one without any stops the release."""
    copy_licences(layer_with(tmp_path / "layer"), tmp_path / "licences")

    assert [path.read_text() for path in (tmp_path / "licences").rglob("LICENSE")] == ["Do as you like.\n"]
    with pytest.raises(NoLicenceError, match=r"some-library 1\.2"):
        copy_licences(layer_with(tmp_path / "other", licence=False), tmp_path / "licences")
