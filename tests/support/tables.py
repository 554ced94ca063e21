"""Empty DynamoDB tables with the template's own keys, in the local AWS stand-in."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import batched
from typing import TYPE_CHECKING, Any

from local.stack.template import BATCHES, MAPPINGS, OPERATIONS, table_schema
from tests.support.aws import Aws
from tests.support.plain_aws import PlainAws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass
class Tables:
    """The names of fresh tables, and a client that reaches them."""

    mappings: str
    operations: str
    batches: str
    aws: Aws

    @cached_property
    def client(self) -> "DynamoDBClient":
        """boto3's client."""
        client: DynamoDBClient = self.aws.client("dynamodb")
        return client

    @cached_property
    def plain(self) -> PlainAws:
        """A client that costs little time."""
        return self.aws.plain("dynamodb")

    def items(self, name: str) -> list[dict[str, Any]]:
        """Every item of one of the tables, as DynamoDB writes it (`{"pk": {"S": "..."}}`)."""
        found: list[dict[str, Any]] = []
        start: dict[str, Any] | None = {}
        while start is not None:
            page = self.plain.scan(TableName=name, ConsistentRead=True, **start)
            found += page["Items"]
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if "LastEvaluatedKey" in page else None
        return found

    def clear(self) -> None:
        """Delete every item of the tables; much faster than making new ones."""
        for table in self.keys:
            self.put_back(table, [])

    @property
    def keys(self) -> dict[str, tuple[str, str]]:
        """The tables, with the attributes of their keys."""
        return {
            self.mappings: ("pk", "sk"),
            self.operations: ("operation_key", "intent"),
            self.batches: ("batch_key", "sk"),
        }

    def delete(self, table: str, key: tuple[str, ...], items: list[dict[str, Any]]) -> None:
        """Delete items by their key."""
        gone = [{"DeleteRequest": {"Key": {name: item[name] for name in key}}} for item in items]
        for part in batched(gone, 25, strict=False):
            self.plain.batch_write_item(RequestItems={table: part})

    def put_back(self, table: str, items: list[dict[str, Any]]) -> None:
        """Make these the only items of a table; what is there already stays."""
        held = self.items(table)
        self.delete(table, self.keys[table], [item for item in held if item not in items])
        for part in batched(({"PutRequest": {"Item": item}} for item in items if item not in held), 25, strict=False):
            self.plain.batch_write_item(RequestItems={table: part})

    def lose_mappings(self, kind: str = "") -> None:
        """Delete the mappings of a kind (`record`, `subscription`, ...), or all of them, as no action ever does."""
        for item in self.items(self.mappings):
            if item["pk"]["S"].startswith(kind):
                self.client.delete_item(TableName=self.mappings, Key={name: item[name] for name in ("pk", "sk")})


@contextmanager
def fresh_tables(aws: Aws) -> Iterator[Tables]:
    """Create the tables under names of their own, and drop them at the end."""
    suffix = uuid.uuid4().hex
    tables = Tables(f"mappings-{suffix}", f"operations-{suffix}", f"batches-{suffix}", aws)
    tables.plain.create_table(**table_schema(MAPPINGS, name=tables.mappings))
    tables.plain.create_table(**table_schema(OPERATIONS, name=tables.operations))
    tables.plain.create_table(**table_schema(BATCHES, name=tables.batches))
    yield tables
    for name in (tables.mappings, tables.operations, tables.batches):
        tables.plain.delete_table(TableName=name)
    tables.plain.close()
