"""The calls that the pages make: to the functions of operators and no others, and without writes unless allowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.errors import RefusedError
from console.output import presentable
from console.stack import Stack

READS = {"check-connection", "get-batch", "get-customer", "get-subscription", "list-operations"}
"""Actions that change nothing in Stigg. get-subscription restores a mapping that is lost, for every caller."""


class ReadOnlyError(RefusedError):
    """The console was started without ``--write``."""

    error_code = "READ_ONLY"

    def __init__(self) -> None:
        super().__init__("This console is read-only. Start it with --write to change something.")


@dataclass(frozen=True)
class Calls:
    """The stack as the pages may use it."""

    stack: Stack
    may_write: bool

    def call(self, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call an action, and return its answer without names and addresses of people.

        Raises:
            ReadOnlyError: it would write, and the console is read-only.
            RefusedError: the action refused the request.
            UnreachableError: the stack gives no answer.
        """
        is_dry = action == "reconcile" and request.get("dryRun") is True
        if action not in READS and not is_dry:
            self.refuse_unless_writing()
        answer: dict[str, Any] = presentable(self.stack.call(action, request))
        return answer

    def refuse_unless_writing(self) -> None:
        """Raise ReadOnlyError if the console is read-only."""
        if not self.may_write:
            raise ReadOnlyError
