"""Files that are given to the web console: checked, sent, continued, and sent again, without the pages."""

import stat
import time
from pathlib import Path

import pytest

from console.errors import BadInputError
from console.stack import Target
from console.web.calls import Calls, ReadOnlyError
from console.web.file_runs import FileRun, FileRuns, Given, Purpose, failed_results, failures, has_dry_run
from tests.support.harness import Harness
from tests.support.program import Program
from tests.support.requests import LINE, sold

HEADER = b"salesforceRecordId,customerId,subscriptionId\n"
BAD = f"{LINE},cust-acme,sub-none\n".encode()


@pytest.fixture
def runs(program: Program, tmp_path: Path) -> FileRuns:
    """The files of a console that may write."""
    return FileRuns(Calls(program.connect(Target()), may_write=True), tmp_path / "console")


def ended(runs: FileRuns, run: FileRun) -> FileRun:
    """Wait for the end of a run."""
    runs.wait(run)
    assert run.ended
    return run


def test_kept_files(runs: FileRuns) -> None:
    """A file is kept under a harmless name, for the operator's eyes only; two of one name are two files."""
    first, second = (runs.keep("../../Q3: accounts?.xlsx.csv", HEADER) for _ in range(2))

    assert (first.name, first.read_bytes()) == ("Q3_ accounts_.xlsx.csv", HEADER)
    assert first != second
    assert [stat.S_IMODE(path.stat().st_mode) for path in (first, first.parent)] == [0o600, 0o700]
    assert runs.keep("..", b"").name == "file.csv"


def test_checking(runs: FileRuns, program: Program) -> None:
    """A file that is only checked is not sent, and its bad cells are listed."""
    good = ended(runs, runs.start(Given(runs.keep("a.csv", HEADER + BAD), "adopt-subscription"), Purpose.CHECK))
    wrong = HEADER + b"x,cust-acme,sub-1\n"
    bad = ended(runs, runs.start(Given(runs.keep("b.csv", wrong), "adopt-subscription"), Purpose.CHECK))

    assert (good.succeeded, good.reached, good.totals) == (True, 1, None)
    assert (bad.succeeded, [problem.column for problem in bad.problems]) == (False, ["salesforceRecordId"])
    assert program.sent == []


def test_failed_rows_are_sent_again(runs: FileRuns, actions: Harness) -> None:
    """The rows that failed are a file of their own, which is sent again; rows that succeeded are not in it."""
    subscription_id = sold(actions, salesforceRecordId=None)
    good = f"00k000000000008AAA,cust-acme,{subscription_id}\n".encode()
    run = ended(runs, runs.start(Given(runs.keep("a.csv", HEADER + BAD + good), "adopt-subscription"), Purpose.SEND))
    assert run.totals is not None
    assert (run.totals.succeeded, run.totals.failed, run.succeeded) == (1, 1, False)
    assert failures(run).encode() == HEADER + BAD
    assert [row["row"] for row in failed_results(run)] == ["2"]
    again = ended(runs, runs.send_again(run))

    assert again.given.path.read_bytes() == HEADER + BAD
    assert (again.totals and again.totals.rows, runs.all) == (1, [again, run])
    assert runs.run(again.id) is again


def test_a_file_that_is_given_again(runs: FileRuns, actions: Harness, program: Program) -> None:
    """The same file under the same name is answered from the results of its first run."""
    sold(actions)
    for _ in range(2):
        run = ended(runs, runs.start(Given(runs.keep("a.csv", HEADER + BAD), "adopt-subscription"), Purpose.SEND))

    assert run.totals is not None
    assert (run.totals.pages_kept, program.calls("submit-batch")) == (1, 1)


def test_a_dry_run(runs: FileRuns, actions: Harness) -> None:
    """A dry run reports what would be done and changes nothing; an action without one refuses it."""
    subscription_id = sold(actions, salesforceRecordId=None)
    row = f"{LINE},cust-acme,{subscription_id}\n".encode()
    run = ended(runs, runs.start(Given(runs.keep("a.csv", HEADER + row), "adopt-subscription"), Purpose.DRY_RUN))

    assert run.succeeded
    assert actions.mapping(LINE) is None
    assert not has_dry_run("create-customer")
    with pytest.raises(BadInputError, match="has no dry run"):
        runs.start(Given(runs.keep("a.csv", HEADER), "create-customer"), Purpose.DRY_RUN)


def test_read_only(program: Program, tmp_path: Path) -> None:
    """A read-only console checks files, and sends none."""
    runs = FileRuns(Calls(program.connect(Target()), may_write=False), tmp_path)
    given = Given(runs.keep("a.csv", HEADER + BAD), "adopt-subscription")

    assert ended(runs, runs.start(given, Purpose.CHECK)).succeeded
    for purpose in (Purpose.SEND, Purpose.DRY_RUN):
        with pytest.raises(ReadOnlyError):
            runs.start(given, purpose)
    assert program.sent == []


def test_a_file_that_is_no_csv(runs: FileRuns) -> None:
    """A file that cannot be read ends its run with the reason."""
    run = ended(runs, runs.start(Given(runs.keep("a.csv", b"\xff\xfe"), "adopt-subscription"), Purpose.CHECK))

    assert "is not text in UTF-8" in run.error
    assert failed_results(run) == []


def test_the_time_that_is_left() -> None:
    """The estimate is the pace so far times the rows that are left; without a total or a row there is none."""
    run = FileRun(Given(Path("a.csv"), "adopt-subscription"), Purpose.SEND)
    run.start("Sending", 30)
    assert run.seconds_left is None
    run.began = time.monotonic() - 100
    run.reach(10)

    assert run.seconds_left == pytest.approx(200, abs=30)
