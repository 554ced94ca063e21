"""Send one page of a file as a batch, and wait for its results. A page that was sent before is answered as a repeat."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from console.errors import RefusedError
from console.files.pages import Limits, Page
from console.files.results import Result, result_of
from console.stack import Stack
from stigg_actions.models.batches import LONGEST_WAIT_SECONDS, MOST_REQUESTS
from stigg_actions.models.submit_batch import SubmitBatch

LENGTH_OF_THE_REST = 64 * 1024
"""Bytes of a page that are not requests: the names around them, and the settings of the batch."""

PAGE_LIMITS = Limits(MOST_REQUESTS, SubmitBatch.longest_body - LENGTH_OF_THE_REST)

type Follow = Callable[[dict[str, Any]], None]
"""Show the progress of a batch."""


class Sent(NamedTuple):
    """A page that was sent: its results, and whether it had been sent before."""

    results: list[Result]
    is_repeat: bool


class PageSender(NamedTuple):
    """What the pages of one file have in common."""

    stack: Stack
    action: str
    org: dict[str, str]
    """The Salesforce organization, if it is not the stack's own."""

    def send(self, page: Page, key: str, follow: Follow) -> Sent:
        """Send a page and return its results once all of them are there.

        Raises:
            RefusedError: the batch is refused as a whole.
            UnreachableError: the stack gives no answer.
        """
        submitted = self._submitted(page, key)
        completed = follow_batch(self.stack, submitted, self.org, follow)
        answers = {int(answer["index"]): answer for answer in results_of(self.stack, completed, self.org)}
        if len(answers) != len(page.requests):
            raise RefusedError(f"The batch {completed['batchId']} has {len(answers)} of {len(page.requests)} results.")
        results = [result_of(record_id, answers[index]) for index, record_id in enumerate(page.record_ids)]
        return Sent(results, is_repeat=bool(submitted.get("replayed")))

    def _submitted(self, page: Page, key: str) -> dict[str, Any]:
        requests = [{"action": self.action, "request": request} for request in page.requests]
        batch = {"requests": requests, "idempotencyKey": key, "waitSeconds": LONGEST_WAIT_SECONDS, **self.org}
        try:
            return self.stack.call_patiently("submit-batch", batch)
        except RefusedError as refused:
            if refused.envelope.get("errorCode") != "IDEMPOTENCY_CONFLICT":
                raise
            raise RefusedError(
                f"Page {page.number} was sent before, and its requests had another meaning then: the time zone of the "
                "stack or its version has changed. Check the results so far, and send the rest as a new file.",
                refused.envelope,
            ) from None


def follow_batch(stack: Stack, batch: dict[str, Any], org: dict[str, str], follow: Follow) -> dict[str, Any]:
    """Wait until a batch is completed, show its progress meanwhile, and return it. Raises as ``Stack.call``."""
    follow(batch)
    while batch["outcome"] != "completed":
        request = {"batchId": batch["batchId"], "waitSeconds": LONGEST_WAIT_SECONDS, **org}
        batch = stack.call_patiently("get-batch", request)
        follow(batch)
    return batch


def results_of(stack: Stack, batch: dict[str, Any], org: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the results of a batch in their order, however many answers they fill. Raises as ``Stack.call``."""
    yield from batch["results"]
    while token := batch.get("nextToken"):
        batch = stack.call_patiently("get-batch", {"batchId": batch["batchId"], "nextToken": token, **org})
        yield from batch["results"]
