"""A batch: its id, its items in the table ``Batches``, and its progress.

<key>  <generation>#batch            the batch: its pages, its finished requests, and those that failed
<key>  <generation>#request#<index>  one request, as its function takes it
<key>  <generation>#result#<index>   its result
pace   <kind of write>               the times of its latest writes

The key is derived from the submission, as an operation's key is. The generation rises when the same requests are
submitted again a day later. A request is marked as done by adding it to a set, which may happen twice.
"""

import math
import re
from enum import StrEnum
from typing import NamedTuple, Self

from stigg_actions.storage.dynamodb import Item

KEPT_SECONDS = 30 * 24 * 60 * 60
"""How long a batch and its results are kept."""

_ID = re.compile(r"(batch-[0-9a-f]{40})-([1-9][0-9]{0,5})", re.ASCII)
_BATCH, _REQUEST, _RESULT = "batch", "request", "result"
_AFTER_ALL_RESULTS = "result$"  # the character after #


class Status(StrEnum):
    """Whether every request has its result. The table's stream publishes the change."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"


class BatchId(NamedTuple):
    """The key and generation of a batch."""

    key: str
    generation: int = 1

    def __str__(self) -> str:
        """The id that callers get."""
        return f"{self.key}-{self.generation}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read an id that a caller sends; return None if it is malformed."""
        match = _ID.fullmatch(text)
        return cls(match[1], int(match[2])) if match else None

    @classmethod
    def of_item(cls, item: Item) -> Self:
        """Return the batch that an item of the table belongs to."""
        return cls(item["batch_key"], int(item["sk"].partition("#")[0]))

    @property
    def item_key(self) -> Item:
        """The key of the batch's own item."""
        return self._key(_BATCH)

    def request_key(self, index: int) -> Item:
        """The key of one request."""
        return self._key(f"{_REQUEST}#{index:05d}")

    def result_key(self, index: int) -> Item:
        """The key of one result."""
        return self._key(f"{_RESULT}#{index:05d}")

    def results_from(self, index: int) -> tuple[str, str]:
        """The first and last sort key of the results from an index on."""
        return self.result_key(index)["sk"], self._key(_AFTER_ALL_RESULTS)["sk"]

    def _key(self, name: str) -> Item:
        return {"batch_key": self.key, "sk": f"{self.generation:06d}#{name}"}


class Page(NamedTuple):
    """A page of a batch as it was submitted. ``bad`` counts the invalid requests, which are never run."""

    number: int
    of: int
    fingerprint: str
    requests: int
    bad: int


class Batch(NamedTuple):
    """A batch and its progress. Times are in seconds since the epoch."""

    id: BatchId
    status: Status
    org_id: str
    correlation_id: str
    submitted_at: int
    expires_at: int
    pages: int
    total: int
    bad: int
    queued: frozenset[int]
    done: int
    failed: int
    completed_at: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every request of every page has its result."""
        return len(self.queued) == self.pages and self.done == self.total

    def estimated_seconds(self, now: float, *, per_minute: int) -> int:
        """Estimate the seconds left at the speed so far, but at most a minute more than at full speed."""
        left, ran = self.total - self.done, self.done - self.bad
        at_full_pace = left * 60 / per_minute
        so_far = left * max(1.0, now - self.submitted_at) / ran if ran > 0 else at_full_pace
        return math.ceil(min(so_far, at_full_pace + 60))


def read_batch(item: Item) -> Batch:
    """Read a batch's own item."""
    sums = {
        name: sum(int(value) for attribute, value in item.items() if attribute.startswith(f"{name}_of_page_"))
        for name in ("requests", "bad")
    }
    completed_at = item.get("completed_at")
    return Batch(
        BatchId.of_item(item),
        Status(item["status"]),
        item["org_id"],
        item["correlation_id"],
        int(item["submitted_at"]),
        int(item["expires_at"]),
        int(item["pages"]),
        total=sums["requests"],
        bad=sums["bad"],
        queued=frozenset(map(int, item.get("queued", ()))),
        done=len(item.get("done", ())),
        failed=len(item.get("failed", ())),
        completed_at=None if completed_at is None else int(completed_at),
    )
