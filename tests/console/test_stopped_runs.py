"""Runs that are stopped at any moment: the next one does the rest, and no row takes effect twice."""

import csv
from pathlib import Path
from typing import Any

import pytest

from console.files.results import COLUMNS, ResultsFile
from tests.support.fixtures import Console
from tests.support.harness import Harness
from tests.support.network import CrashError
from tests.support.program import Dying, Program, program_of
from tests.support.queues import InProcessLambda

SUBMIT = ("--action", "create-customer", "--map", "Id=salesforceAccountId", "--page-size", "3", "--json")
PAGES, ROWS = 3, 7


def results(folder: Path) -> list[tuple[str, str]]:
    """Read record id and outcome of each row of the one file of results."""
    (path,) = folder.glob("*.results-*.csv")
    with path.open(newline="") as file:
        return [(row["Id"], row["outcome"]) for row in csv.DictReader(file)]


def everything(actions: Harness, file: Path) -> None:
    """Check that every row has taken effect once, and has one line of results."""
    assert len(results(file.parent)) == len(dict(results(file.parent))) == ROWS
    assert {outcome for _, outcome in results(file.parent)} == {"created"}
    assert len([path for method, path in actions.writes_to_stigg() if method == "POST"]) == ROWS


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("at", range(PAGES))
@pytest.mark.usefixtures("quiet")
def test_killed_at_any_call(actions: Harness, customers_file: Path, at: int, answered: bool) -> None:  # noqa: FBT001
    """A run that dies at any call costs one page at most, which is sent again and answered as a repeat."""
    dying = program_of(actions, lambda plain: Dying(plain, at=at, answered=answered))
    with pytest.raises(CrashError):
        dying.run("batch", "submit", customers_file, *SUBMIT)
    program = program_of(actions)
    ran = program.run("batch", "submit", customers_file, *SUBMIT)

    assert (ran.code, ran.document["pagesKept"], ran.document["pagesRepeated"]) == (0, at, int(answered))
    assert program.calls("submit-batch") == PAGES - at
    everything(actions, customers_file)


@pytest.mark.parametrize("kept", [0, 10, len(",".join(COLUMNS)) + 1, 95, 150, 10_000])
def test_results_cut_short(program: Program, actions: Harness, customers_file: Path, kept: int) -> None:
    """Results that end in the middle of a page, a line or the header are completed by the next run."""
    program.run("batch", "submit", customers_file, *SUBMIT)
    (path,) = customers_file.parent.glob("*.results-*.csv")
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    ran = program.run("batch", "submit", customers_file, *SUBMIT)
    pages_left = PAGES - ran.document["pagesKept"]

    assert path.read_bytes() == whole
    assert (ran.code, ran.document["pagesRepeated"]) == (0, pages_left)
    assert program.calls("submit-batch") == PAGES + pages_left
    everything(actions, customers_file)


def test_a_finished_run(program: Program, customers_file: Path) -> None:
    """A run of a file that is finished sends no row, and prints the same summary."""
    first = program.run("batch", "submit", customers_file, *SUBMIT)
    calls = len(program.sent)
    second = program.run("batch", "submit", customers_file, *SUBMIT)

    assert len(program.sent) == calls
    assert second.document == first.document | {"pagesKept": PAGES}


def test_lost_results(program: Program, actions: Harness, customers_file: Path) -> None:
    """Without the results of the first run, every page is sent again, and is answered as a repeat."""
    program.run("batch", "submit", customers_file, *SUBMIT)
    (path,) = customers_file.parent.glob("*.results-*.csv")
    path.unlink()
    ran = program.run("batch", "submit", customers_file, *SUBMIT)

    assert (ran.code, ran.document["pagesRepeated"]) == (0, PAGES)
    everything(actions, customers_file)


def test_another_stack(program: Program, customers_file: Path) -> None:
    """The results of a run on one stack do not count for another stack, to which all pages are sent."""
    program.run("batch", "submit", customers_file, *SUBMIT)
    program.place = "another account"
    ran = program.run("batch", "submit", customers_file, *SUBMIT)

    assert (ran.code, ran.document["pagesKept"]) == (0, 0)
    assert program.calls("submit-batch") == 2 * PAGES
    assert len([*customers_file.parent.glob("*.results-*.csv")]) == 2


def test_another_name_of_a_run(program: Program, customers_file: Path) -> None:
    """Under another name the file is sent again, and each request finds what the first run made."""
    program.run("batch", "submit", customers_file, *SUBMIT)
    ran = program.run("batch", "submit", customers_file, *SUBMIT, "--run", "second")

    assert (ran.code, ran.document["pagesRepeated"]) == (0, 0)
    assert len([*customers_file.parent.glob("*.results-*.csv")]) == 2


def test_a_file_that_changes_meanwhile(actions: Harness, customers_file: Path, quiet: Console) -> None:  # noqa: ARG001
    """A file that is changed between two pages is not sent further; the next run treats it as a new file."""

    def around(plain: InProcessLambda) -> InProcessLambda:
        def run(action: str, event: Any) -> Any:  # noqa: ANN401 - any JSON
            customers_file.write_text(customers_file.read_text() + "0015g00000XyAcH,cust-H,Company H\n")
            return actions.invoke(action, event)

        plain.run = run
        return plain

    program = program_of(actions, around)
    ran = program.run("batch", "submit", customers_file, *SUBMIT)

    assert ran.code == 2
    assert "was changed meanwhile" in ran.err
    assert program.calls("submit-batch") == 1


def test_results_that_were_edited(program: Program, customers_file: Path) -> None:
    """Results with other rows or columns than those of the run are not continued."""
    program.run("batch", "submit", customers_file, *SUBMIT)
    (path,) = customers_file.parent.glob("*.results-*.csv")
    whole = path.read_text()
    for edited in (
        whole.replace("XyAcB", "XyAcC"),
        whole.replace(",created", ""),
        whole.replace("outcome", "Result"),
        whole.replace("XyAcB", "Xy\udcffAcB"),
    ):
        path.write_text(edited, errors="surrogateescape")
        ran = program.run("batch", "submit", customers_file, *SUBMIT)

        assert ran.code == 2
        assert "it was edited or saved by another program" in ran.err
        assert path.read_text(errors="surrogateescape") == edited


def test_two_runs_at_once(program: Program, customers_file: Path) -> None:
    """While one run has the results open, a second one of the same file is refused."""
    program.run("batch", "submit", customers_file, *SUBMIT)
    (path,) = customers_file.parent.glob("*.results-*.csv")
    with ResultsFile.open(path):
        ran = program.run("batch", "submit", customers_file, *SUBMIT)

    assert ran.code == 2
    assert "Another run is sending this file" in ran.err


def test_ctrl_c(actions: Harness, customers_file: Path, quiet: Console) -> None:  # noqa: ARG001
    """Ctrl-C ends the run with a sentence that says how to continue, and the exit code of shells."""

    def around(plain: InProcessLambda) -> InProcessLambda:
        def run(_action: str, _event: Any) -> Any:  # noqa: ANN401 - any JSON
            raise KeyboardInterrupt

        plain.run = run
        return plain

    ran = program_of(actions, around).run("batch", "submit", customers_file, *SUBMIT)

    assert (ran.code, ran.document["errorCode"]) == (130, "STOPPED")
    assert "run the same command again" in ran.err
