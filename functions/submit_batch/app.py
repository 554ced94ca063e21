"""Submit many requests at once: each is checked, queued in the order of its customer, and run by its own action.

Invalid requests are answered at once. A batch that is submitted again is recognized and not repeated.
"""

from stigg_actions.batches.get_batch import completed, shown
from stigg_actions.batches.submit_batch import Submission
from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.batches import BatchProgress
from stigg_actions.models.submit_batch import SubmitBatch


def submit_batch(request: SubmitBatch, deps: Deps) -> BatchProgress:
    """Queue the requests, wait for them as long as requested, and return their progress."""
    batch, replayed = Submission(request, deps).submit()
    return shown(completed(batch, deps, seconds=request.wait_seconds), deps, replayed=replayed)


handler = entrypoint(submit_batch)
