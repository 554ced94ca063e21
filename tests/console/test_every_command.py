"""What every command of the program does alike: its exit code, and one JSON document for scripts."""

from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from console.errors import UnreachableError
from console.program import app
from console.stack import Stack, Target
from tests.support.program import Ran, write_csv

RECORD = "00k000000000001AAA"
COMMANDS: dict[str, list[str]] = {
    "adopt": ["FILE"],
    "import": [
        *("FILE", "--ignore", "Stigg_Subscription_ID__c"),
        *("--set", "customerId=c", "--set", "planId=p", "--set", "startDate=2024-01-01"),
    ],
    "batch submit": [
        *("FILE", "--action", "adopt-subscription"),
        *("--map", "Id=salesforceRecordId", "--map", "Stigg_Subscription_ID__c=subscriptionId"),
    ],
    "batch watch": ["batch-1"],
    "operations list": [],
    "operations show": ["key-1"],
    "operations replay": ["key-1"],
    "mapping show": ["--record", RECORD],
    "mapping compare": ["FILE"],
    "mapping rebuild": ["--customer", "cust-1"],
    "reconcile": [],
    "check": [],
    "secret set": ["api-key", "--env", "staging"],
    "secret move-webhook-secret": ["--env", "staging"],
    "salesforce access": [],
}
"""Good arguments of each command. `salesforce setup` and `console` have tests of their own."""


def names(group: object, *before: str) -> set[str]:
    """Return the whole names of the commands below a group."""
    below = getattr(group, "commands", None)
    if below is None:
        return {" ".join(before)}
    return {name for key, command in below.items() for name in names(command, *before, key)}


def run(name: str, folder: Path, error: BaseException) -> Ran:
    """Run a command whose stack raises an error."""
    file = write_csv(folder / "lines.csv", "Id,Stigg_Subscription_ID__c", f"{RECORD},sub-1")

    def connect(_target: Target) -> Stack:
        raise error

    words = [str(file) if word == "FILE" else word for word in COMMANDS[name]]
    result = CliRunner().invoke(app, [*name.split(), *words, "--json"], obj=connect)
    return Ran(result.exit_code, result.stdout, result.stderr)


def test_no_command_is_missing() -> None:
    """Each command has arguments here."""
    assert COMMANDS.keys() | {"salesforce setup", "console"} == names(get_command(app))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_stack_that_cannot_be_reached(name: str, tmp_path: Path) -> None:
    """With --json, a command that cannot reach its stack prints the error as a document, and ends with 3."""
    ran = run(name, tmp_path, UnreachableError("No stack."))

    assert (ran.code, ran.document) == (
        3,
        {"success": False, "errorCode": "UNREACHABLE", "errorMessage": "No stack."},
    )
    assert ran.err.endswith("No stack.\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_stopped(name: str, tmp_path: Path) -> None:
    """With --json, a command that is stopped with Ctrl-C says so in a document, and ends with 130."""
    ran = run(name, tmp_path, KeyboardInterrupt())

    assert (ran.code, ran.document["errorCode"]) == (130, "STOPPED")
