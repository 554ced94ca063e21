"""The command that checks a deployment."""

from typing import Annotated

import typer

from console.errors import ExitCode
from console.session import Session, command


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "check")(check)


def check(
    session: Session,
    *,
    plan: Annotated[list[str] | None, typer.Option(help="Id of a plan that must exist in Stigg.")] = None,
) -> ExitCode:
    """Check secret, key, tables, plans and clock of a stack, and say how to fix what fails.

    Example: stigg-actions check --plan plan-growth --env production
    """
    checked = session.stack.call("check-connection", {"planIds": plan} if plan else {})
    session.output.document(checked)
    session.output.table("", ("name", "passed", "problem", "remedy"), checked["checks"])
    session.output.line(str(checked["summary"]))
    return ExitCode.SOME_FAILED if checked["failedChecks"] else ExitCode.DONE
