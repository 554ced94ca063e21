"""The deployed stack as if nobody had called it yet."""

import boto3
import pytest

from local.stack import LocalStack


@pytest.fixture
def fresh_stack(stack: LocalStack) -> LocalStack:
    """The stack with an empty Stigg and empty tables."""
    stack.stigg.reset()
    client = boto3.client("dynamodb", **stack.ministack.client_settings())
    for table, keys in {
        stack.deployment.outputs["SubscriptionMappingsTableName"]: ("pk", "sk"),
        stack.deployment.outputs["OperationsTableName"]: ("operationKey", "intent"),
    }.items():
        for item in client.scan(TableName=table, ConsistentRead=True)["Items"]:
            client.delete_item(TableName=table, Key={key: item[key] for key in keys})
    return stack
