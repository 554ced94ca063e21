"""Finding operations in the ledger without knowing their keys: by how they stand, or by the record asked for."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stigg_actions.dynamodb import Database, Item
from stigg_actions.operations import Status
from stigg_actions.settings import Settings

BY_ATTENTION = "ByAttention"
BY_RECORD = "ByRecord"
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

    def _query(self, index: str, name: str, condition: str, values: Item, *, most: int) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "IndexName": index,
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
        references = [Reference(item["operation_key"], int(item["intent"]), item["kind"]) for item in page.items]
        return Found(references, page.next_key)
