"""Checking programs that run on Node, installed by `scripts/make-node-tools`."""

import os
import subprocess
from pathlib import Path

import pytest

from local.stack.template import ROOT

NODE = ROOT / "node"
_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def run_node(*command: str) -> subprocess.CompletedProcess[str]:
    """Run `node` itself, or one of the installed programs by its name, in the project's folder.

    Where they are not installed, for want of a Node, the test is reported as not run.
    """
    _require_node()
    program, *arguments = command
    path = f"{NODE / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(  # noqa: S603 - programs that the lock names
        [program, *arguments],
        cwd=ROOT,
        env={**os.environ, **_QUIET, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def installed(path: str) -> Path:
    """A file of an installed package; without it the test is reported as not run, as above."""
    _require_node()
    return NODE / "node_modules" / path


def _require_node() -> None:
    if not (NODE / "node_modules" / ".lock-digest").exists():
        pytest.skip("NOT RUN: no Node, so the checking programs of node/package.json are not installed")
