"""The emulator as a program: `python -m local.stigg_emulator`."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from local.stigg_emulator.catalog import DEFAULT_PATH
from local.stigg_emulator.hosting import Emulator


def test_program(tmp_path: Path) -> None:
    """It says where it listens, serves the catalog it is given, and ends when it is told to."""
    catalog = json.loads(DEFAULT_PATH.read_text(encoding="utf-8")) | {"workflows": []}
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(catalog), encoding="utf-8")
    command = [sys.executable, "-m", "local.stigg_emulator", "--port", "0", "--catalog", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603  our own program
        assert program.stdout is not None
        url = program.stdout.readline().split()[-1].removesuffix("/_emulator")
        state = Emulator(url).state()
        program.send_signal(signal.SIGTERM)

        assert state["customers"] == []
        assert program.wait(timeout=10) == 0
