"""Show the progress of a batch and the result of each of its requests."""

from stigg_actions.batches.get_batch import read_progress
from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.batches import BatchProgress
from stigg_actions.models.get_batch import GetBatch


def get_batch(request: GetBatch, deps: Deps) -> BatchProgress:
    """Read the batch, and wait for it as long as requested."""
    return read_progress(request, deps)


handler = entrypoint(get_batch)
