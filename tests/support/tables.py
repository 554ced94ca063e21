"""Empty DynamoDB tables with the template's own keys, in the local AWS stand-in."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.stack.template import BATCHES, MAPPINGS, OPERATIONS, table_schema

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Tables:
    """The names of fresh tables, and a client that reaches them."""

    mappings: str
    operations: str
    batches: str
    client: "DynamoDBClient"

    def items(self, name: str) -> list[dict[str, Any]]:
        """Every item of one of the tables, as DynamoDB writes it (`{"pk": {"S": "..."}}`)."""
        pages = self.client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def lose_mappings(self, kind: str = "") -> None:
        """Delete the mappings of a kind (`record`, `subscription`, ...), or all of them, as no action ever does."""
        for item in self.items(self.mappings):
            if item["pk"]["S"].startswith(kind):
                self.client.delete_item(TableName=self.mappings, Key={name: item[name] for name in ("pk", "sk")})


@contextmanager
def fresh_tables(client: "DynamoDBClient") -> Iterator[Tables]:
    """Create the tables under names of their own, and drop them at the end."""
    suffix = uuid.uuid4().hex
    tables = Tables(f"mappings-{suffix}", f"operations-{suffix}", f"batches-{suffix}", client)
    client.create_table(**table_schema(MAPPINGS, name=tables.mappings))
    client.create_table(**table_schema(OPERATIONS, name=tables.operations))
    client.create_table(**table_schema(BATCHES, name=tables.batches))
    yield tables
    client.delete_table(TableName=tables.mappings)
    client.delete_table(TableName=tables.operations)
    client.delete_table(TableName=tables.batches)
