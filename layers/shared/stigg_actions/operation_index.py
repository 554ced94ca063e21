"""Finding operations in the ledger without knowing their keys: by how they stand, or by the record asked for."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stigg_actions.dynamodb import Database, Item, plain
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


class After(NamedTuple):
    """An operation after which a list goes on: its key, its intent, and when it was started."""

    operation_key: str
    intent: int
    started_at: int


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
        references = [Reference(item["operation_key"], int(item["intent"]), item["kind"]) for item in page.items]
        return Found(references, _after(plain(page.next_key)) if page.next_key else None)


def _after(key: Item) -> After:
    return After(key["operation_key"], int(key["intent"]), int(key["started_at"]))
