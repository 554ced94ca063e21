"""Answer submit-batch: check all requests, store them and queue the valid ones. Every step can be repeated."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from stigg_actions.batches.batch import Batch, BatchId, Page
from stigg_actions.batches.grouping import group_ids, known_customers, names_of
from stigg_actions.batches.queue import BatchQueue, Message
from stigg_actions.batches.requests import Invalid, Valid, check, identity
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
    """One page of a batch that is submitted for the first time or again."""

    def __init__(self, request: SubmitBatch, deps: Deps) -> None:
        self._request = request
        self._deps = deps
        self._store = store_of(deps)
        self._queue = BatchQueue(deps.sqs, deps.settings.batch_queue_url, deps.deadline)
        self._org_id = request.salesforce_org_id or deps.settings.default_org_id
        self._first = (request.page - 1) * MOST_REQUESTS

    def submit(self) -> tuple[Batch, bool]:
        """Queue this page, and return its batch and whether the page had been submitted before.

        Raises:
            Conflict: the key belongs to another batch, or the page number to other requests.
            StiggUnavailable: a table or the queue does not answer; submitting again completes the batch.
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
        groups = self._store.groups(batch_id, list(self._valid)) or self._groups(batch_id)
        self._store.keep([valid.item(batch_id, index, groups[index]) for index, valid in self._valid.items()])
        bad = [index for index, invalid in self._invalid.items() if self._store.record(invalid.result(batch_id, index))]
        self._queue.send([Message(batch_id, index, groups[index]) for index in self._valid])
        return self._store.queued(batch_id, self._page, bad), False

    @cached_property
    def _checked(self) -> dict[int, Valid | Invalid]:
        """All requests with their check, by index in the batch."""
        settings, caller = self._deps.settings, self._deps.caller
        checked = (check(entry, self._request, settings, caller=caller) for entry in self._request.requests)
        return dict(enumerate(checked, start=self._first))

    @cached_property
    def _valid(self) -> dict[int, Valid]:
        return {index: request for index, request in self._checked.items() if isinstance(request, Valid)}

    @cached_property
    def _invalid(self) -> dict[int, Invalid]:
        return {index: request for index, request in self._checked.items() if isinstance(request, Invalid)}

    @cached_property
    def _page(self) -> Page:
        identities = map(identity, self._request.requests, self._checked.values())
        digest = fingerprint({"requests": list(identities)})
        return Page(self._request.page, self._request.pages, digest, len(self._checked), len(self._invalid))

    @cached_property
    def _batch_id(self) -> BatchId:
        """The id of the batch that this submission repeats, or of a new one.

        The caller's own key is valid as long as the batch is kept. Without a key, the same requests are a new batch a
        day later.
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
        repeats_until = newest.expires_at if explicit else newest.submitted_at + REPLAY_SECONDS
        return newest.id if now < repeats_until else BatchId(key, newest.id.generation + 1)

    def _groups(self, batch_id: BatchId) -> dict[int, str]:
        requests = {index: (valid.org_id, valid.request) for index, valid in self._valid.items()}
        names = {name for org_id, request in requests.values() for name in names_of(request, org_id)}
        known = known_customers(sorted(names), self._deps.database, self._deps.settings)
        return group_ids(requests, known, batch_id=str(batch_id))

    def _conflict(self) -> Conflict:
        return Conflict(
            "IDEMPOTENCY_CONFLICT",
            f"This idempotencyKey was used for another batch: its page {self._page.number} had other requests, or it "
            "had another number of pages. Use another key, or send the same requests.",
        )
