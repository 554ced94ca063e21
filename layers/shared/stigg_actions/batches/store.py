"""Read and write the table ``Batches``."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.batches.batch import KEPT_SECONDS, Batch, BatchId, Status, read_batch
from stigg_actions.storage.dynamodb import ConditionFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stigg_actions.batches.batch import Page
    from stigg_actions.clock import Clock
    from stigg_actions.deps import Deps
    from stigg_actions.settings import Settings
    from stigg_actions.storage.dynamodb import Database, Item


_KEYS_OF_A_READ = 100


class Results(NamedTuple):
    """Results in the order of their requests, and the index of the next one, if any."""

    items: list[Item]
    next_index: int | None


class BatchStore:
    """The batches of one deployment. Every method raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._table = settings.batches_table
        self._clock = clock

    def find(self, batch_id: BatchId) -> Batch | None:
        """Read a batch; return None if it does not exist or has expired."""
        batch = self._read(batch_id)
        return batch if batch and batch.expires_at > self._clock.now() else None

    def newest(self, key: str) -> Batch | None:
        """Read the batch that was last submitted under a key, even if it has expired."""
        newest = self._database.newest(self._table, partition=("batch_key", key))
        return self._read(BatchId.of_item(newest)) if newest else None

    def open_page(self, batch_id: BatchId, page: Page, *, org_id: str, correlation_id: str) -> Batch:
        """Record that a page is being submitted, and create the batch with its first page.

        Raises:
            ConditionFailedError: the page number has other requests, or the batch another number of pages.
        """
        now, number = int(self._clock.now()), page.number
        once = {
            "status": str(Status.RUNNING),
            "org_id": org_id,
            "correlation_id": correlation_id,
            "submitted_at": now,
            "expires_at": now + KEPT_SECONDS,
            "pages": page.of,
        }
        of_page = {"fingerprint": page.fingerprint, "requests": page.requests, "bad": page.bad}
        assignments = [
            *(f"#{name} = if_not_exists(#{name}, :{name})" for name in once),
            *(f"{name}_of_page_{number} = :{name}" for name in of_page),
        ]
        fingerprint = f"fingerprint_of_page_{number}"
        item = self._database.update(
            (self._table, batch_id.item_key),
            f"SET {', '.join(assignments)}",
            names={f"#{name}": name for name in once},
            values={f":{name}": value for name, value in (once | of_page).items()},
            condition=f"(attribute_not_exists(#pages) OR #pages = :pages) AND "
            f"(attribute_not_exists({fingerprint}) OR {fingerprint} = :fingerprint)",
        )
        return read_batch(item)

    def keep(self, items: Sequence[Item]) -> None:
        """Write requests. They are the same each time, so they may overwrite earlier ones."""
        self._database.write(self._table, [{**item, "expires_at": self._expiry()} for item in items])

    def groups(self, batch_id: BatchId, indexes: Sequence[int]) -> dict[int, str] | None:
        """Read the groups of stored requests; return None if any is not stored, because then none is queued yet."""
        keys = [(self._table, batch_id.request_key(index)) for index in indexes]
        items = [item for part in batched(keys, _KEYS_OF_A_READ, strict=False) for item in self._database.read(part)]
        kept = {int(item["index"]): str(item["group"]) for item in items if item}
        return kept if len(kept) == len(keys) else None

    def queued(self, batch_id: BatchId, page: Page, bad: Sequence[int]) -> Batch:
        """Record that all valid requests of a page are queued and the invalid ones have their results."""
        invalid = {":bad": set(bad)} if bad else {}
        added = "queued :page" + (", done :bad, failed :bad" if bad else "")
        return self._update(batch_id, f"ADD {added}", {":page": {page.number}, **invalid})

    def request(self, batch_id: BatchId, index: int) -> tuple[Item | None, Item | None]:
        """Read a request and its result, each if it exists."""
        request, result = self._database.read(
            [(self._table, batch_id.request_key(index)), (self._table, batch_id.result_key(index))]
        )
        return request, result

    def record(self, result: Item) -> bool:
        """Write a result unless the request has succeeded before; return whether it was written."""
        try:
            self._database.put(
                self._table,
                {**result, "expires_at": self._expiry()},
                condition="attribute_not_exists(batch_key) OR success = :false",
                values={":false": False},
            )
        except ConditionFailedError:
            return False
        return True

    def done(self, batch_id: BatchId, index: int, *, success: bool) -> Batch:
        """Mark a request as done, and the batch as completed if it is the last one."""
        marks = "ADD done :index DELETE failed :index" if success else "ADD done :index, failed :index"
        return self._update(batch_id, marks, {":index": {index}})

    def results(self, batch_id: BatchId, *, start: int, most: int) -> Results:
        """Read results in the order of their requests, as many as fit into one DynamoDB response."""
        first, last = batch_id.results_from(start)
        page = self._database.page(
            {
                "TableName": self._table,
                "KeyConditionExpression": "batch_key = :key AND sk BETWEEN :first AND :last",
                "ExpressionAttributeValues": self._database.attributes(
                    {":key": batch_id.key, ":first": first, ":last": last}
                ),
                "ConsistentRead": True,
                "Limit": most + 1,
            }
        )
        items = page.items[:most]
        has_more = len(page.items) > most or page.next_key is not None
        return Results(items, int(items[-1]["index"]) + 1 if has_more else None)

    def _read(self, batch_id: BatchId) -> Batch | None:
        (item,) = self._database.read([(self._table, batch_id.item_key)])
        return read_batch(item) if item else None

    def _update(self, batch_id: BatchId, expression: str, values: Item) -> Batch:
        """Change an existing batch, and mark it as completed if every request has its result."""
        item = self._database.update(
            (self._table, batch_id.item_key), expression, values=values, condition="attribute_exists(batch_key)"
        )
        batch = read_batch(item)
        return self._complete(batch) if batch.is_complete and batch.status is Status.RUNNING else batch

    def _complete(self, batch: Batch) -> Batch:
        try:
            item = self._database.update(
                (self._table, batch.id.item_key),
                "SET #status = :completed, completed_at = :now",
                names={"#status": "status"},
                values={
                    ":completed": str(Status.COMPLETED),
                    ":running": str(Status.RUNNING),
                    ":now": int(self._clock.now()),
                },
                condition="#status = :running",
            )
        except ConditionFailedError:  # another worker completed it first
            return batch
        return read_batch(item)

    def _expiry(self) -> int:
        return int(self._clock.now()) + KEPT_SECONDS


def store_of(deps: Deps) -> BatchStore:
    """Return the store of batches that an action works with."""
    return BatchStore(deps.database, deps.settings, deps.clock)
