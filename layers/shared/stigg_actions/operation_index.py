"""Finding operations in the ledger without knowing their keys: by how they stand, the record, or the call."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stigg_actions.dynamodb import Database, Item
from stigg_actions.operations import Status
from stigg_actions.settings import Settings

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


class Found(NamedTuple):
    """A page of operations, and where the next one begins."""

    references: list[Reference]
    next_key: Mapping[str, Any] | None


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
            yield from self._all(query | {"ScanIndexForward": True})

    def with_attention(self, status: str, *, most: int, start: Mapping[str, Any] | None) -> Found:
        """Find operations that stand like this, newest first."""
        query = self._query(BY_ATTENTION, "attention", "#by = :by", {":by": status}, most=most)
        return self._page(query | ({"ExclusiveStartKey": start} if start else {}))

    def asked_for(self, record_id: str, *, most: int, start: Mapping[str, Any] | None) -> Found:
        """Find the operations of a record, newest first."""
        query = self._query(BY_RECORD, "asked_for", "#by = :by", {":by": record_id}, most=most)
        return self._page(query | ({"ExclusiveStartKey": start} if start else {}))

    def of_call(self, correlation_id: str, *, most: int, start: Mapping[str, Any] | None) -> Found:
        """Find the operations that a call ran, newest first, whether it asked for them first or later."""
        query = self._query(BY_CORRELATION, "correlation_id", "#by = :by", {":by": correlation_id}, most=most)
        return self._page(query | ({"ExclusiveStartKey": start} if start else {}))

    def intents(self, operation_key: str, *, most: int, start: Mapping[str, Any] | None) -> Found:
        """Find the intents of an operation, newest first."""
        values = {":by": operation_key, ":none": 0}
        query = self._query(None, "operation_key", "#by = :by AND intent > :none", values, most=most)
        return self._page(query | ({"ExclusiveStartKey": start} if start else {}))

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

    def _all(self, query: Mapping[str, Any]) -> Iterator[Reference]:
        start: Mapping[str, Any] | None = {}
        while start is not None:
            found = self._page({**query, **start})
            yield from found.references
            start = {"ExclusiveStartKey": found.next_key} if found.next_key else None

    def _page(self, query: Mapping[str, Any]) -> Found:
        page = self._database.page(query)
        return Found([_reference(item) for item in page.items], page.next_key)


def _reference(item: Item) -> Reference:
    """Return what an item leads to: its operation, or the one that a later call ran."""
    intent = item["of_intent"] if "of_intent" in item else item["intent"]
    return Reference(item["operation_key"], int(intent), item["kind"])
