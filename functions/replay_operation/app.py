"""Run an operation again, safely: under the ids that it had, so that nothing is done twice. For operators."""

from stigg_actions import operating
from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.operations import ReplayedOperation, ReplayOperation


def replay_operation(request: ReplayOperation, deps: Deps) -> ReplayedOperation:
    """Carry it out as its caller would."""
    return operating.replay_operation(request, deps)


handler = entrypoint(replay_operation)
