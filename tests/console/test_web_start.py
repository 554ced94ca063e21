"""How the web console is started, and what is said where it cannot be."""

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from local.stack import endpoints
from local.stack.endpoints import Endpoints
from local.stack.template import ROOT
from tests.support.program import Program

OF_A_STACK = Endpoints(
    "http://127.0.0.1:4600/api",
    "http://127.0.0.1:4600",
    "http://127.0.0.1:4601",
    "w",
    "us-east-1",
    "k",
    "s",
    "r",
    "t",
    {},
)


def test_the_port_of_the_local_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`make console` finds the running stack by its file, and says how to start one where none runs."""
    assert endpoints.main(tmp_path / "none.json") == 1
    assert "make run SEED=demo" in capsys.readouterr().err
    OF_A_STACK.write(tmp_path / "endpoints.json")

    assert endpoints.main(tmp_path / "endpoints.json") == 0
    assert capsys.readouterr().out == "4600\n"


def test_without_its_environment(program: Program) -> None:
    """In the environment of the other commands, the command says how to start it."""
    assert find_spec("nicegui") is None
    ran = program.run("console", "--local", "--no-browser", "--json")

    assert (ran.code, json.loads(ran.out)["errorCode"]) == (2, "BAD_INPUT")
    assert "Start the console by scripts/stigg-actions." in ran.err


def test_a_wrong_address_of_salesforce(program: Program) -> None:
    """An address that is not https is refused before anything is served."""
    ran = program.run("console", "--local", "--salesforce-url", "http://acme.example")

    assert (ran.code, "is not an https address" in ran.err) == (2, True)


@pytest.mark.parametrize(("variables", "code"), [({}, 0), ({"REQUIRE_CHROMIUM": "1"}, 1)])
def test_without_chromium(variables: dict[str, str], code: int) -> None:
    """Without Chromium, the tests in a browser are reported as not run; where they are required, that is a failure."""
    ran = subprocess.run(  # noqa: S603 - our own program
        [ROOT / "scripts" / "test-in-browser"],
        env={"PATH": "/nowhere:/bin-of-none", "CHROMIUM": "/nowhere/chromium", **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr[:8]) == (code, "NOT RUN:")


def test_the_demo_is_a_choice() -> None:
    """`make run SEED=demo` plays the demo, and another seed, which other targets take, does not."""

    def command(*variables: str) -> str:
        ran = subprocess.run(  # noqa: S603 - our own Makefile
            ["/usr/bin/make", "--no-print-directory", "--dry-run", "run", *variables],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout

    assert command("SEED=demo").rstrip().endswith("--seed demo")
    assert "--seed" not in command() + command("SEED=7")
