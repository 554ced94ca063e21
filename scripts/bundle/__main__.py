"""Prepare a release, and build its bundle:  make release VERSION=1.0.0."""

import argparse
import re
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from local.stack.sam import ARCHITECTURES, build
from local.stack.template import ROOT
from scripts.bundle.changelog import NotReleasableError, released
from scripts.bundle.contents import archive, assemble

_CHANGELOG, _PROJECT, _DIST = ROOT / "CHANGELOG.md", ROOT / "pyproject.toml", ROOT / "dist"


def main() -> int:
    """Run one step; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bundle", description=__doc__)
    parser.add_argument("step", choices=["prepare", "build"])
    parser.add_argument("version")
    arguments = parser.parse_args()
    try:
        _STEPS[arguments.step](arguments.version)
    except NotReleasableError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _prepare(version: str) -> None:
    """Write the version into the changelog and the project."""
    _CHANGELOG.write_text(released(_CHANGELOG.read_text(), version, datetime.now(UTC).date()))
    project = _PROJECT.read_text()
    _PROJECT.write_text(re.sub(r'^version = ".*"$', f'version = "{version}"', project, count=1, flags=re.MULTILINE))


def _build(version: str) -> None:
    """Build for both processors, and pack the bundle."""
    folder = _DIST / f"stigg-actions-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="stigg-release-") as scratch:
        names = sorted(set(ARCHITECTURES.values()))
        assemble({name: build(Path(scratch, name), architecture=name) for name in names}, folder, version)
    print(f"Built {archive(folder).relative_to(ROOT)}. Next: commit, tag v{version}, and publish the archive.")


_STEPS = {"prepare": _prepare, "build": _build}

if __name__ == "__main__":
    sys.exit(main())
