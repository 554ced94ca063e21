"""What a batch is: how it is known, what its items in the table ``Batches`` are, and how far it has come.

<key>  <generation>#batch            the batch itself: its pages, and which requests have a result, which of them failed
<key>  <generation>#request#<index>  one request, as its action's function takes it
<key>  <generation>#result#<index>   what became of it
pace   <kind of write>               when requests were last let through

The key is that of the submission, derived as an operation's is. The generation rises when the same requests are
submitted anew a day later. Marking a request as done is setting a member of a set, so that doing it twice is harmless.
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
    """Whether every request has its result; the table's stream is read for the change."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"


class BatchId(NamedTuple):
    """How a batch is known."""

    key: str
    generation: int = 1

    def __str__(self) -> str:
        """The id that callers get."""
        return f"{self.key}-{self.generation}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read an id that a caller gives back; None if it is none."""
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
        """The sort keys between which the results are, from one on."""
        return self.result_key(index)["sk"], self._key(_AFTER_ALL_RESULTS)["sk"]

    def _key(self, name: str) -> Item:
        return {"batch_key": self.key, "sk": f"{self.generation:06d}#{name}"}


class Page(NamedTuple):
    """A part of a batch as it was submitted; the bad ones are those that are never run."""

    number: int
    of: int
    fingerprint: str
    requests: int
    bad: int


class Batch(NamedTuple):
    """How a batch stands. Times are seconds since the epoch."""

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
        """About how long what is left takes: as fast as it went so far, but for a wait of a minute at the most."""
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
