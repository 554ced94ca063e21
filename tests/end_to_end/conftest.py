"""The deployed stack as if nobody had called it yet."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from local.stack import LocalStack
from local.stack.bus import Bus, listening

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="session")
def stack_dynamodb(stack: LocalStack) -> "DynamoDBClient":
    """A client that may empty the deployed tables."""
    return boto3.client("dynamodb", **stack.ministack.client_settings())


@pytest.fixture
def fresh_stack(stack: LocalStack, stack_dynamodb: "DynamoDBClient") -> LocalStack:
    """The stack with an empty Stigg and empty tables, but for batches: their queue, too, remembers what it was sent."""
    stack.stigg.reset()
    for table, keys in {
        stack.deployment.outputs["SubscriptionMappingsTableName"]: ("pk", "sk"),
        stack.deployment.outputs["OperationsTableName"]: ("operation_key", "intent"),
    }.items():
        for item in stack_dynamodb.scan(TableName=table, ConsistentRead=True)["Items"]:
            stack_dynamodb.delete_item(TableName=table, Key={key: item[key] for key in keys})
    return stack


@pytest.fixture
def bus(stack: LocalStack) -> Iterator[Bus]:
    """The stack's event bus, heard from now on."""
    with listening(stack) as heard:
        yield heard
