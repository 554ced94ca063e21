"""The request and the answer of replay-operation."""

from typing import Literal

from stigg_actions.models.base import ActionRequest, Answer
from stigg_actions.models.list_operations import OperationView
from stigg_actions.models.values import Flag, Text


class ReplayOperation(ActionRequest):
    """The request of replay-operation."""

    operation_key: Text
    """Key of the operation, as list-operations tells it."""
    force: Flag = False
    """True: run it even if something newer was done for the same record since, which it may undo."""


class ReplayedOperation(Answer):
    """The answer of replay-operation."""

    outcome: Literal["replayed", "alreadySucceeded", "superseded"]
    """replayed (it was run again), alreadySucceeded (it had been carried out; nothing was done) or superseded
    (something newer was done since, which answerText names; nothing was done: send force to run it all the same)."""
    operation: OperationView
    """The operation as it stands now."""
    answer_text: str
    """Its answer, as the caller would get it: JSON text."""
