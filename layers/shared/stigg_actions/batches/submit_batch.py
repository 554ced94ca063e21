"""Answering submit-batch: check all requests, keep them, queue the good ones; each step can be done once more."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from stigg_actions.batches.batch import Batch, BatchId, Page
from stigg_actions.batches.grouping import group_ids, known_customers, names_of
from stigg_actions.batches.queue import BatchQueue, Message
from stigg_actions.batches.requests import Bad, Good, check, identity
from stigg_actions.batches.store import store_of
from stigg_actions.errors import Conflict
from stigg_actions.models.batches import MOST_REQUESTS
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.operation import REPLAY_SECONDS, KeyScope, derived_key, explicit_key, fingerprint

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.models.submit_batch import SubmitBatch

KIND = "batch"


class Submission:
    """One page of a batch, being submitted for the first time or again."""

    def __init__(self, request: SubmitBatch, deps: Deps) -> None:
        self._request = request
        self._deps = deps
        self._store = store_of(deps)
        self._queue = BatchQueue(deps.sqs, deps.settings.batch_queue_url, deps.deadline)
        self._org_id = request.salesforce_org_id or deps.settings.default_org_id
        self._first = (request.page - 1) * MOST_REQUESTS

    def submit(self) -> tuple[Batch, bool]:
        """Return the batch with this page in its queue, and whether it had been submitted before.

        Raises:
            Conflict: the key belongs to another batch, or the page's number to other requests.
            StiggUnavailable: a table or the queue does not answer; submitting again completes what was begun.
        """
        batch_id = self._batch_id
        try:
            batch = self._store.open_page(
                batch_id, self._page, org_id=self._org_id, correlation_id=self._deps.correlation_id
            )
        except ConditionFailedError:
            raise self._conflict() from None
        if self._page.number in batch.queued:
            return batch, True
        groups = self._store.groups(batch_id, list(self._good)) or self._groups(batch_id)
        self._store.keep([one.item(batch_id, index, groups[index]) for index, one in self._good.items()])
        bad = [index for index, one in self._bad.items() if self._store.record(one.result(batch_id, index))]
        self._queue.send([Message(batch_id, index, groups[index]) for index in self._good])
        return self._store.queued(batch_id, self._page, bad), False

    @cached_property
    def _checked(self) -> dict[int, Good | Bad]:
        """All requests, by their index in the batch."""
        checked = (check(entry, self._request, self._deps.settings) for entry in self._request.requests)
        return dict(enumerate(checked, start=self._first))

    @cached_property
    def _good(self) -> dict[int, Good]:
        return {index: one for index, one in self._checked.items() if isinstance(one, Good)}

    @cached_property
    def _bad(self) -> dict[int, Bad]:
        return {index: one for index, one in self._checked.items() if isinstance(one, Bad)}

    @cached_property
    def _page(self) -> Page:
        asked = map(identity, self._request.requests, self._checked.values())
        digest = fingerprint({"requests": list(asked)})
        return Page(self._request.page, self._request.pages, digest, len(self._checked), len(self._bad))

    @cached_property
    def _batch_id(self) -> BatchId:
        """The batch that this is a repeat of, or a new one.

        A caller's own key stands as long as the batch is kept; the same requests without one are wanted anew a day
        later.
        """
        scope = KeyScope(self._deps.settings.environment, self._org_id, KIND)
        explicit = self._request.idempotency_key
        key = (
            explicit_key(scope, explicit)
            if explicit is not None
            else derived_key(scope, {"fingerprint": self._page.fingerprint})
        )
        newest = self._store.newest(key)
        if newest is None:
            return BatchId(key)
        now = self._deps.clock.now()
        stands_until = newest.expires_at if explicit else newest.submitted_at + REPLAY_SECONDS
        return newest.id if now < stands_until else BatchId(key, newest.id.generation + 1)

    def _groups(self, batch_id: BatchId) -> dict[int, str]:
        requests = {index: (one.org_id, one.request) for index, one in self._good.items()}
        names = {name for org_id, request in requests.values() for name in names_of(request, org_id)}
        known = known_customers(sorted(names), self._deps.database, self._deps.settings)
        return group_ids(requests, known, batch_id=str(batch_id))

    def _conflict(self) -> Conflict:
        return Conflict(
            "IDEMPOTENCY_CONFLICT",
            f"The idempotencyKey was used for another batch: its page {self._page.number} held other requests, or it "
            "came in another number of pages. Use another key, or send the same requests.",
        )
