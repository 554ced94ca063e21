"""Run an operation again under the same ids, so that it takes effect once. For operators."""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.replay_operation import ReplayedOperation, ReplayOperation
from stigg_actions.operators.replay_operation import replay


def replay_operation(request: ReplayOperation, deps: Deps) -> ReplayedOperation:
    """Run it as its caller would."""
    return replay(request, deps)


handler = entrypoint(replay_operation)
