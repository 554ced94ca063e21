"""Finding operations in the ledger without knowing their keys: by how they stand, the record, or the call."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stigg_actions.settings import Settings
from stigg_actions.storage.dynamodb import Database, Item, plain
from stigg_actions.storage.operation import Status

BY_ATTENTION = "ByAttention"
BY_RECORD = "ByRecord"
BY_CORRELATION = "ByCorrelation"
"""Indexes of the table ``Operations``: they lag a little, so what they find is read again before it is acted on."""


_PAGE = 100


class Reference(NamedTuple):
    """Where an operation is, and what it was to do."""

    operation_key: str
    intent: int
    kind: str


class After(NamedTuple):
    """An operation after which a list goes on: its key, its intent, and when it was started, if the list is by that."""

    operation_key: str
    intent: int
    started_at: int | None = None


class Found(NamedTuple):
    """A page of operations, and the last one that was looked at, if more follow."""

    references: list[Reference]
    last: After | None


class OperationIndex:
    """The operations of one deployment. Every method raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._table = settings.operations_table

    def unsettled(self, *, started_before: float) -> Iterator[Reference]:
        """Find operations without a known outcome, oldest first: first those left unknown, then those left started."""
        for status in (Status.UNKNOWN, Status.STARTED):
            condition = "#by = :by AND started_at < :before"
            values = {":by": str(status), ":before": int(started_before)}
            query = self._query(BY_ATTENTION, "attention", condition, values, most=_PAGE)
            yield from self._all(query | {"ScanIndexForward": True}, status)

    def with_attention(self, status: str, *, most: int, after: After | None) -> Found:
        """Find operations that stand like this, newest first."""
        query = self._query(BY_ATTENTION, "attention", "#by = :by", {":by": status}, most=most)
        return self._page(query | self._start("attention", status, after))

    def asked_for(self, record_id: str, *, most: int, after: After | None) -> Found:
        """Find the operations of a record, newest first."""
        query = self._query(BY_RECORD, "asked_for", "#by = :by", {":by": record_id}, most=most)
        return self._page(query | self._start("asked_for", record_id, after))

    def of_call(self, correlation_id: str, *, most: int, after: After | None) -> Found:
        """Find the operations that a call ran, newest first, whether it asked for them first or later."""
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
        """Return what lets a query go on after an operation: its place in the index by which it was found."""
        if after is None:
            return {}
        return {"ExclusiveStartKey": self._database.attributes({name: value, **after._asdict()})}

    def _all(self, query: Mapping[str, Any], status: Status) -> Iterator[Reference]:
        after: After | None = None
        while True:
            found = self._page({**query, **self._start("attention", str(status), after)})
            yield from found.references
            after = found.last
            if after is None:
                return

    def _page(self, query: Mapping[str, Any]) -> Found:
        page = self._database.page(query)
        return Found([_reference(item) for item in page.items], _after(plain(page.next_key)) if page.next_key else None)


def _after(key: Item) -> After:
    started_at = int(key["started_at"]) if "started_at" in key else None
    return After(key["operation_key"], int(key["intent"]), started_at)


def _reference(item: Item) -> Reference:
    """Return what an item leads to: its operation, or the one that a later call ran."""
    intent = item["of_intent"] if "of_intent" in item else item["intent"]
    return Reference(item["operation_key"], int(intent), item["kind"])
