"""The deployed stack as if nobody had called it yet."""

from typing import TYPE_CHECKING

import boto3
import pytest

from local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="session")
def stack_dynamodb(stack: LocalStack) -> "DynamoDBClient":
    """A client that may empty the deployed tables."""
    return boto3.client("dynamodb", **stack.ministack.client_settings())


@pytest.fixture
def fresh_stack(stack: LocalStack, stack_dynamodb: "DynamoDBClient") -> LocalStack:
    """The stack with an empty Stigg and empty tables."""
    stack.stigg.reset()
    for table, keys in {
        stack.deployment.outputs["SubscriptionMappingsTableName"]: ("pk", "sk"),
        stack.deployment.outputs["OperationsTableName"]: ("operation_key", "intent"),
    }.items():
        for item in stack_dynamodb.scan(TableName=table, ConsistentRead=True)["Items"]:
            stack_dynamodb.delete_item(TableName=table, Key={key: item[key] for key in keys})
    return stack
