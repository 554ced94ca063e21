"""Tell how far a batch has come, and what became of each of its requests."""

from stigg_actions.batches import progress
from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.batches import BatchProgress, GetBatch


def get_batch(request: GetBatch, deps: Deps) -> BatchProgress:
    """Look it up, and wait for it as long as asked."""
    return progress.get_batch(request, deps)


handler = entrypoint(get_batch)
