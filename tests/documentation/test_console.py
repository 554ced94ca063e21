"""docs/console.md and the help of the program say what the program has."""

import re
import shlex
from typing import Any

import pytest
from typer.main import get_command

from console.errors import ExitCode
from console.files.checking import MOST_PROBLEMS
from console.files.results import COLUMNS
from console.program import app
from local.stack.template import ROOT
from tests.support.documented import table
from tests.support.some import some

TEXT = (ROOT / "docs" / "console.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINE = re.compile(r"scripts/stigg-actions ((?:[a-z][a-z-]*|--[a-z])[^`\n|&#]*)")


def commands(group: Any = None, *names: str) -> dict[str, Any]:  # noqa: ANN401 - Typer's own types are private
    """Return every command of the program by its whole name."""
    group = group or get_command(app)
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= commands(command, *names, name)
        else:
            found[" ".join((*names, name))] = command
    return found


COMMANDS = commands()
DOCUMENTED = sorted({line.strip() for page in PAGES for line in LINE.findall(page.read_text())})
EXAMPLES = [
    re.sub(r"\s+", " ", text).strip()
    for command in COMMANDS.values()
    for text in re.findall(r"Example: stigg-actions (.+)", command.help, re.DOTALL)
]


def test_every_command_has_a_row() -> None:
    """The table has the commands of the program, and no others."""
    described = [row[0].strip("`") for row in table(TEXT, "commands")]

    assert sorted(described) == sorted(COMMANDS)


def test_exit_codes() -> None:
    """The table has the exit codes of the program."""
    assert [int(row[0]) for row in table(TEXT, "exit codes")] == [code.value for code in ExitCode]


def test_results() -> None:
    """The columns of the results are described in their order, and the limits are those of the program."""
    described = TEXT.split("### Results")[1].split("Data Loader updates")[0]
    first_cells = " ".join(row.split("|")[1] for row in described.splitlines() if row.startswith("| `"))

    assert tuple(re.findall(r"`(\w+)`", first_cells)) == COLUMNS
    assert f"the first {MOST_PROBLEMS} bad cells" in TEXT


def test_every_command_has_an_example() -> None:
    """The help of each command begins with what it does, and ends with an example."""
    assert len(EXAMPLES) == len(COMMANDS)
    for command in some(COMMANDS.values()):
        assert command.help.partition("\n")[0].endswith(".")


@pytest.mark.parametrize("line", [*DOCUMENTED, *EXAMPLES])
def test_command_lines(line: str) -> None:
    """Each command line in the documents and in the help names a command or a group, with options that it has."""
    words = shlex.split(line)
    name = next((name for name in COMMANDS if words[: len(name.split())] == name.split()), None)
    if name is None:
        assert words[0] in {"--help", *(known.split()[0] for known in COMMANDS)}, line
        return
    known = {option for parameter in COMMANDS[name].params for option in parameter.opts} | {"--help"}

    assert {word for word in words if word.startswith("--")} <= known
