"""Try a change: run the tests that can notice it in a copy of the tree, until one fails."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.mutants import choosing, recording
from scripts.mutants.candidates import Mutant
from scripts.mutants.trees import changed

SUITES = ("tests/unit", "tests/actions", "tests/every_action", "tests/flows")
LONGEST_TEST_SECONDS = 30
"""A change that makes a test hang counts as noticed. The slowest test takes 4 s."""
LONGEST_SECONDS = 900
FIRST = 12
"""The number of tests that run first. Most changes are noticed by one of them."""

_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


class TrialError(Exception):
    """The tests could not run. The message is the output of pytest."""


class Trial(NamedTuple):
    """The result of a change."""

    mutant: Mutant
    noticed_by: str | None
    """The first test that failed; None if all passed."""
    tests: int
    """The number of tests that could have noticed it."""


class Laboratory(NamedTuple):
    """A copy of the tree, with an AWS stand-in that serves one run of tests after another."""

    tree: Path
    ministack_url: str

    def record(self, folder: Path, processes: int) -> None:
        """Run all tests of the suites and record the lines of each. Raises TrialError if one fails."""
        folder.mkdir(parents=True)
        plugin = ["-p", recording.__name__, "-n", str(processes)]
        status, printed = self._pytest([*plugin, *SUITES], {recording.FOLDER: str(folder), choosing.FILE: ""})
        if status != 0:
            raise TrialError(f"The tests fail without any change:\n{printed}")

    def attempt(self, mutant: Mutant, tests: Sequence[str]) -> Trial:
        """Run the tests on a changed module until one fails. A few run first, so that not all have to be collected."""
        with changed(self.tree, mutant.candidate.module, mutant.text):
            noticed_by = self._first_failure(tests[:FIRST]) or self._first_failure(tests[FIRST:])
        return Trial(mutant, noticed_by, len(tests))

    def _first_failure(self, tests: Sequence[str]) -> str | None:
        if not tests:
            return None
        chosen = self.tree / "chosen-tests"
        chosen.write_text("\n".join(tests))
        files = sorted({test.partition("::")[0] for test in tests})
        arguments = ["-x", "-p", choosing.__name__, "--timeout", str(LONGEST_TEST_SECONDS), *files]
        status, printed = self._pytest(arguments, {choosing.FILE: str(chosen)})
        return None if status == 0 else _named_in(printed)

    def _pytest(self, arguments: Sequence[str], environment: dict[str, str]) -> tuple[int, str]:
        """Run pytest and return its exit code and output. A run that takes too long is stopped."""
        process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
            cwd=self.tree,
            env={**os.environ, "MINISTACK_URL": self.ministack_url, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return -signal.SIGKILL, "ERROR (the run took too long)"
        return process.returncode, printed


def _named_in(printed: str) -> str:
    found = _FAILED.search(printed)
    return found[1] if found else "(the tests did not start)"
