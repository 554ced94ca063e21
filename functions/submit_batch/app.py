"""Submit many requests at once: each is checked, queued in the order of its customer, and run by its own action.

Bad requests are answered at once and keep nobody waiting. The same batch submitted again is the same batch.
"""

from stigg_actions.batches.get_batch import completed, shown
from stigg_actions.batches.submit_batch import Submission
from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.batches import BatchProgress
from stigg_actions.models.submit_batch import SubmitBatch


def submit_batch(request: SubmitBatch, deps: Deps) -> BatchProgress:
    """Queue the requests, wait for them as long as asked, and tell how far they are."""
    batch, replayed = Submission(request, deps).submit()
    return shown(completed(batch, deps, seconds=request.wait_seconds), deps, replayed=replayed)


handler = entrypoint(submit_batch)
