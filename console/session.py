"""What every command works with: its stack, its output, and the options that all commands share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

import typer

from console.errors import BadInputError, ConsoleError, ExitCode
from console.output import Output
from console.stack import LOCAL_PORT, Connect, Stack, Target, connect

PANEL = "Which stack"


@dataclass(frozen=True)
class Session:
    """One run of a command."""

    target: Target
    connect: Connect
    output: Output

    @cached_property
    def stack(self) -> Stack:
        """The stack that the command line names. Raises as ``connect``; the place is announced first."""
        stack = self.connect(self.target)
        self.output.notice(f"{stack.name} in {stack.place}.")
        return stack


def _shared(  # noqa: PLR0913 - each parameter is an option of the command line
    *,
    env: Annotated[
        str | None, typer.Option(help="Section of samconfig.toml, such as production.", rich_help_panel=PANEL)
    ] = None,
    stack: Annotated[str | None, typer.Option(help="Name of a stack in AWS.", rich_help_panel=PANEL)] = None,
    region: Annotated[
        str | None, typer.Option(help="AWS region, if it is not that of the profile.", rich_help_panel=PANEL)
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Profile of the AWS configuration.", rich_help_panel=PANEL)
    ] = None,
    local: Annotated[bool, typer.Option("--local", help="The local stack of make run.", rich_help_panel=PANEL)] = False,
    port: Annotated[int, typer.Option(help="Port of the local stack.", rich_help_panel=PANEL)] = LOCAL_PORT,
) -> Target:
    """Return the target that the options of every command name."""
    return Target(env, stack, region, profile, local, port)


def _json(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")] = False
) -> Output:
    """Return the output that the option of every command chooses."""
    return Output(as_json=as_json)


def command[Run: Callable[..., ExitCode]](app: typer.Typer, name: str) -> Callable[[Run], Run]:
    """Add a command to a group. It gets a session before its own options, and returns its exit code."""

    def register(run: Run) -> Run:
        def invoked(context: typer.Context, **given: Any) -> None:  # noqa: ANN401 - whatever Typer has read
            target = _shared(**_taken(given, _shared))
            session = Session(target, context.obj or connect, _json(**_taken(given, _json)))
            with _reported(session.output):
                raise typer.Exit(run(session, **given))

        parameters = [Parameter("context", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context), *_options(run)]
        invoked.__signature__ = Signature(parameters)  # type: ignore[attr-defined] # Typer reads it
        app.command(name, help=run.__doc__)(invoked)
        return run

    return register


def _options(run: Callable[..., Any]) -> list[Parameter]:
    """Return the options of a command: its own, and those that all commands share."""
    own = list(signature(run).parameters.values())[1:]
    shared = [parameter for part in (_shared, _json) for parameter in signature(part).parameters.values()]
    return [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in (*own, *shared)]


def _taken(given: dict[str, Any], part: Callable[..., Any]) -> dict[str, Any]:
    return {name: given.pop(name) for name in signature(part).parameters}


@contextmanager
def _reported(output: Output) -> Iterator[None]:
    """Turn an error into a message and an exit code."""
    try:
        yield
    except ConsoleError as error:
        output.document(error.as_json())
        output.notice(str(error))
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        stopped = "Stopped. To continue, run the same command again."
        output.document({"success": False, "errorCode": "STOPPED", "errorMessage": stopped})
        output.notice(stopped)
        raise typer.Exit(ExitCode.STOPPED) from None


def pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    """Return ``NAME=VALUE`` options as a dictionary. Raises BadInputError if one has no ``=``, or a name twice."""
    read: dict[str, str] = {}
    for text in texts or ():
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (sign and name and value) or name in read:
            raise BadInputError(f"{option} {text!r} is not NAME=VALUE, or gives its name twice.")
        read[name] = value
    return read
