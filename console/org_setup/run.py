"""The steps of a set-up in their order. A run that ended in the middle is continued by the next one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from console.errors import ConsoleError, UnreachableError
from console.org_setup import access_key, aws_user, connection, deployment, layouts, permissions, record_types, settings
from console.org_setup.found import Found, State
from console.org_setup.setup import Setup, Step
from console.output import Output

STEPS: tuple[tuple[str, Step], ...] = (
    ("AWS user", aws_user.ensure_user),
    ("Deployment", deployment.deploy),
    ("Flows", deployment.find_inactive_flows),
    ("Access key", access_key.store_key),
    ("Permission sets", permissions.assign),
    ("Settings", settings.fill),
    ("Page layouts", layouts.add_fields),
    ("Record types", record_types.name_record_types),
    ("Connection", connection.check),
    ("Other keys", access_key.retire_others),
)

TAKES_TIME = {
    "Deployment": "The org deploys. This takes some minutes.",
    "Connection": "The org calls the stack. With a new key this takes up to half a minute.",
}

BY_HAND = (
    "Default Workflow User: look it up in Setup, Process Automation Settings, and give its username with --user.",
    "Products: set Stigg Type and Stigg ID of each product that exists in Stigg.",
)
"""What no program can do. Salesforce shows the Default Workflow User to none."""


class StepError(ConsoleError):
    """A step failed. The steps before it are done."""

    def __init__(self, step: str, cause: ConsoleError, steps: list[dict[str, str]]) -> None:
        super().__init__(f"{step}: {cause} Then run the same command again: it goes on here.")
        self.exit_code, self.error_code = cause.exit_code, cause.error_code
        self.step, self.steps = step, steps

    def as_json(self) -> dict[str, Any]:
        """Return the error with what was done before."""
        return {**super().as_json(), "step": self.step, "steps": self.steps}


@dataclass
class Report:
    """Prints what each step found, as soon as it is known, and keeps it for scripts."""

    output: Output
    dry_run: bool
    steps: list[dict[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def add(self, step: str, found: Found) -> None:
        """Print one thing, and keep it."""
        state = found.state.as_planned if self.dry_run else found.state.value
        self.steps.append({"step": step, "state": state, "text": found.text})
        if found.state is State.LEFT:
            self.left.append(f"{step}: {found.text}")
        self.output.line(f"{step:16}  {state:16}  {found.text}")

    def end(self) -> None:
        """Print what is left to do by hand."""
        left = [*self.left, *BY_HAND]
        self.output.document({"success": True, "dryRun": self.dry_run, "steps": self.steps, "left": left})
        self.output.line("\nLeft for you (docs/salesforce-setup.md):")
        for number, text in enumerate(left, 1):
            self.output.line(f"  {number}. {text}")


def run(setup: Setup, report: Report, prerequisites: Iterable[Found]) -> None:
    """Report the prerequisites and run all steps. Raises StepError at the first that fails."""
    for one in prerequisites:
        report.add("Prerequisites", one)
    for name, step in STEPS:
        if name in TAKES_TIME:
            report.output.notice(TAKES_TIME[name])
        for found in _found(name, step, setup, report):
            report.add(name, found)
    report.end()


def _found(name: str, step: Step, setup: Setup, report: Report) -> Iterator[Found]:
    try:
        yield from step(setup)
    except ClientError as error:
        raise StepError(name, aws_user.explained(error, setup.wishes.aws_user), report.steps) from None
    except BotoCoreError as error:
        raise StepError(name, UnreachableError(str(error)), report.steps) from None
    except ConsoleError as error:
        raise StepError(name, error, report.steps) from None
