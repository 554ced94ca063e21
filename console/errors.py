"""Why a command ends without success, and the exit code that says so to scripts."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """What a script can tell from the end of the program."""

    DONE = 0
    SOME_FAILED = 1
    BAD_INPUT = 2
    UNREACHABLE = 3
    STOPPED = 130
    """By Ctrl-C, as shells report it."""


class ConsoleError(Exception):
    """A command cannot be carried out."""

    exit_code = ExitCode.SOME_FAILED
    error_code = "FAILED"

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable

    def as_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {"success": False, "errorCode": self.error_code, "errorMessage": str(self)}


class BadInputError(ConsoleError):
    """The command line or a file is wrong. No request was sent, or no further one."""

    exit_code = ExitCode.BAD_INPUT
    error_code = "BAD_INPUT"


class UnreachableError(ConsoleError):
    """The stack, or AWS, cannot be reached with these credentials."""

    exit_code = ExitCode.UNREACHABLE
    error_code = "UNREACHABLE"


class RefusedError(ConsoleError):
    """The action, or AWS, refused the request."""

    error_code = "REFUSED"

    def __init__(self, message: str, envelope: Mapping[str, Any] | None = None) -> None:
        self.envelope = dict(envelope or {})
        super().__init__(message, retryable=bool(self.envelope.get("retryable")))

    def as_json(self) -> dict[str, Any]:
        """Return the answer of the action, if it is the action that refused."""
        return self.envelope or super().as_json()
