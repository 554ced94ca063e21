"""The operators' program in this process, over the actions of a harness."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from console.program import app
from console.stack import Stack, Target
from tests.support.harness import Harness
from tests.support.network import CrashError
from tests.support.queues import FUNCTION_NAME_PREFIX, InProcessLambda


@dataclass(frozen=True)
class Ran:
    """What the program printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document that it printed."""
        content: dict[str, Any] = json.loads(self.out)
        return content


@dataclass
class Program:
    """The program, and the Lambda API that it calls."""

    aws_lambda: Any
    pauses: list[float] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    place: str = "a stack of the tests"

    @property
    def sent(self) -> list[tuple[str, dict[str, Any]]]:
        """The calls so far: action and request."""
        return list(self.aws_lambda.invoked)

    def calls(self, action: str) -> int:
        """Return how often an action was called."""
        return [name for name, _ in self.sent].count(action)

    def connect(self, target: Target) -> Stack:
        """Return the stack of the harness, whatever is named."""
        self.targets.append(target)
        name = FUNCTION_NAME_PREFIX.removesuffix("-")
        return Stack(name, self.place, lambda _: self.aws_lambda, self.pauses.append)

    def run(self, *arguments: str | Path, value: str = "") -> Ran:
        """Run a command; an error that it does not expect fails the test."""
        result = CliRunner().invoke(app, [*map(str, arguments)], input=value, obj=self.connect, catch_exceptions=False)
        return Ran(result.exit_code, result.stdout, result.stderr)


def program_of(actions: Harness, around: Callable[[InProcessLambda], Any] = lambda plain: plain) -> Program:
    """Return the program over a harness; ``around`` may put faults between the two."""

    def run(action: str, event: Any) -> Any:  # noqa: ANN401 - any JSON
        with redirect_stdout(io.StringIO()):  # the functions print metrics, in AWS to a log
            return actions.invoke(action, event)

    return Program(around(InProcessLambda(run)))


class Dying:
    """The Lambda API, until the program dies at one of its calls: before the call, or when its answer arrives."""

    def __init__(self, plain: InProcessLambda, *, at: int, answered: bool) -> None:
        self._plain = plain
        self._left = at
        self._answered = answered
        self.invoked = plain.invoked

    def invoke(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3's
        """Run the action, or die."""
        self._left -= 1
        if self._left < 0 and not self._answered:
            raise CrashError
        answer = self._plain.invoke(**arguments)
        if self._left < 0:
            raise CrashError
        return answer


def write_csv(path: Path, *lines: str) -> Path:
    """Write a file of these lines."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
