"""What every command that sends a file does: check it, send it, and print what became of its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.errors import ExitCode
from console.file_checks import BadFileError, check_file
from console.files.columns import Choices
from console.page_sender import PageSender
from console.session import Session
from console.submission import RunOptions, Submission, Totals


def send_file(
    session: Session,
    path: Path,
    action: str,
    choices: Choices,
    options: RunOptions,
    *,
    org: str | None = None,
) -> ExitCode:
    """Check a file, send it to an action unless it is only to be checked, and print what became of it.

    Raises what ``check_file`` and ``Submission.send`` raise.
    """
    of_org = in_org(org)
    with session.output.progress() as progress:
        with bad_cells_listed(session):
            checked = check_file(path, action, choices, of_org, progress)
        if options.check_only:
            return _checked(session, path, checked.rows)
        submission = Submission(checked, PageSender(session.stack, action, of_org), options)
        session.output.notice(f"The results are written to {submission.results}.")
        totals = submission.send(progress)
    return _sent(session, submission.results, totals)


@contextmanager
def bad_cells_listed(session: Session) -> Iterator[None]:
    """Print the bad cells of a file that is refused."""
    try:
        yield
    except BadFileError as error:
        rows = [problem._asdict() for problem in error.problems]
        session.output.table("", ("row", "column", "value", "problem"), rows)
        raise


def in_org(org: str | None) -> dict[str, str]:
    """Return the field that names an organization, if one is given."""
    return {"salesforceOrgId": org} if org else {}


def _checked(session: Session, path: Path, rows: int) -> ExitCode:
    session.output.document({"success": True, "rows": rows})
    session.output.line(f"{path} has {rows} good rows. No row was sent.")
    return ExitCode.DONE


def _sent(session: Session, results: Path, totals: Totals) -> ExitCode:
    session.output.document({**totals.as_json(), "results": str(results)})
    session.output.line(f"{totals.succeeded} of {totals.rows} rows succeeded, {totals.failed} failed.")
    before = totals.pages_kept + totals.pages_repeated
    if before:
        session.output.line(f"{before} of {totals.pages} pages had been sent before. They were not carried out again.")
    if totals.codes:
        rows = [{"errorCode": code, "rows": count} for code, count in sorted(totals.codes.items())]
        session.output.table("", ("errorCode", "rows"), rows)
    return ExitCode.SOME_FAILED if totals.failed else ExitCode.DONE
