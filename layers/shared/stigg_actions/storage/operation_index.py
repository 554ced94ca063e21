"""Find operations in the ledger without their keys: by status, record or call."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stigg_actions.settings import Settings
from stigg_actions.storage.dynamodb import Database, Item, plain
from stigg_actions.storage.operation import Status

BY_ATTENTION = "ByAttention"
BY_RECORD = "ByRecord"
BY_CORRELATION = "ByCorrelation"
"""Indexes of the table ``Operations``. They may lag, so an operation is read again before it is acted on."""


_PAGE = 100


class Reference(NamedTuple):
    """The key and intent of an operation, and its kind."""

    operation_key: str
    intent: int
    kind: str


class After(NamedTuple):
    """The operation after which a list continues: its key, its intent, and its start if the list is sorted by it."""

    operation_key: str
    intent: int
    started_at: int | None = None


class Found(NamedTuple):
    """A page of operations, and the last one that was read, if more follow."""

    references: list[Reference]
    last: After | None


class OperationIndex:
    """The operations of one deployment. Every method raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._table = settings.operations_table

    def unsettled(self, *, started_before: float) -> Iterator[Reference]:
        """Find operations without a known outcome, oldest first: those that are unknown, then those still started."""
        for status in (Status.UNKNOWN, Status.STARTED):
            condition = "#by = :by AND started_at < :before"
            values = {":by": str(status), ":before": int(started_before)}
            query = self._query(BY_ATTENTION, "attention", condition, values, most=_PAGE)
            yield from self._all(query | {"ScanIndexForward": True}, status)

    def with_attention(self, status: str, *, most: int, after: After | None) -> Found:
        """Find operations by their status, newest first."""
        query = self._query(BY_ATTENTION, "attention", "#by = :by", {":by": status}, most=most)
        return self._page(query | self._start("attention", status, after))

    def asked_for(self, record_id: str, *, most: int, after: After | None) -> Found:
        """Find the operations of a record, newest first."""
        query = self._query(BY_RECORD, "asked_for", "#by = :by", {":by": record_id}, most=most)
        return self._page(query | self._start("asked_for", record_id, after))

    def of_call(self, correlation_id: str, *, most: int, after: After | None) -> Found:
        """Find the operations that a call ran, newest first, whether it requested them first or later."""
        query = self._query(BY_CORRELATION, "correlation_id", "#by = :by", {":by": correlation_id}, most=most)
        return self._page(query | self._start("correlation_id", correlation_id, after))

    def intents(self, operation_key: str, *, most: int, after: After | None) -> Found:
        """Find the intents of an operation, newest first."""
        values = {":by": operation_key, ":none": 0}
        query = self._query(None, "operation_key", "#by = :by AND intent > :none", values, most=most)
        return self._page(query | self._start("operation_key", operation_key, after))

    def _query(self, index: str | None, name: str, condition: str, values: Item, *, most: int) -> dict[str, Any]:
        """Return a query of an index, or of the table itself."""
        return {
            **({"IndexName": index} if index else {}),
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {"#by": name},
            "ExpressionAttributeValues": self._database.attributes(values),
            "ScanIndexForward": False,
            "Limit": most,
        }

    def _start(self, name: str, value: str, after: After | None) -> dict[str, Any]:
        """Return the start of a query that continues after an operation: its key in the index."""
        if after is None:
            return {}
        return {"ExclusiveStartKey": self._database.attributes({name: value, **after._asdict()})}

    def _all(self, query: Mapping[str, Any], status: Status) -> Iterator[Reference]:
        after: After | None = None
        while True:
            page = self._page({**query, **self._start("attention", str(status), after)})
            yield from page.references
            after = page.last
            if after is None:
                return

    def _page(self, query: Mapping[str, Any]) -> Found:
        page = self._database.page(query)
        return Found([_reference(item) for item in page.items], _after(plain(page.next_key)) if page.next_key else None)


def _after(key: Item) -> After:
    started_at = int(key["started_at"]) if "started_at" in key else None
    return After(key["operation_key"], int(key["intent"]), started_at)


def _reference(item: Item) -> Reference:
    """Return the operation of an item, or the one that the item of a later call leads to."""
    intent = item["of_intent"] if "of_intent" in item else item["intent"]
    return Reference(item["operation_key"], int(intent), item["kind"])
