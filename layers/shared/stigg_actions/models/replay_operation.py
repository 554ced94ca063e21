"""The request and the answer of replay-operation."""

from typing import Literal

from stigg_actions.models.base import ActionRequest, Answer
from stigg_actions.models.list_operations import OperationView
from stigg_actions.models.values import Flag, Text


class ReplayOperation(ActionRequest):
    """The request of replay-operation."""

    operation_key: Text
    """Key of the operation, as list-operations returns it."""
    force: Flag = False
    """True: run it even if a newer change was made for the same record, which it may undo."""


class ReplayedOperation(Answer):
    """The answer of replay-operation."""

    outcome: Literal["replayed", "alreadySucceeded", "superseded"]
    """replayed (it was run again), alreadySucceeded (it had been carried out before; no change was made) or superseded
    (skipped, because of the newer change that answerText names; send force true to run it anyway)."""
    operation: OperationView
    """The operation in its present state."""
    answer_text: str
    """Its answer as the caller would get it, as JSON text."""
