"""Each function's own role, tried out: it can do what its action needs, and nothing beside."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.stack import LocalStack
from local.stack.deployment import STACK_NAME
from local.stack.template import consumers, functions, receivers
from stigg_actions.batches.actions import BATCH_ACTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MAPPING: dict[str, Any] = {"pk": {"S": "record#a"}, "sk": {"S": "record"}}
OPERATION: dict[str, Any] = {"operation_key": {"S": "provision-a"}, "intent": {"N": "1"}}


def _as_role(stack: LocalStack, action: str) -> dict[str, Any]:
    """Client arguments of the function's role."""
    logical_id = {**functions(), **consumers(), **receivers()}[action]
    cloudformation = boto3.client("cloudformation", **stack.ministack.client_settings())
    resource = cloudformation.describe_stack_resource(StackName=STACK_NAME, LogicalResourceId=f"{logical_id}Role")[
        "StackResourceDetail"
    ]
    sts = boto3.client("sts", **stack.ministack.client_settings())
    arn = f"arn:aws:iam::000000000000:role/{resource['PhysicalResourceId']}"
    session = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return {
        **stack.ministack.client_settings(),
        "aws_access_key_id": session["AccessKeyId"],
        "aws_secret_access_key": session["SecretAccessKey"],
        "aws_session_token": session["SessionToken"],
    }


def _read(client: "DynamoDBClient", table: str, key: dict[str, Any]) -> list[Any]:
    """Read an item as the functions do: the item, or nothing."""
    keys: Any = {table: {"Keys": [key], "ConsistentRead": True}}
    return client.batch_get_item(RequestItems=keys)["Responses"][table]


WITHOUT_STIGG = {"forget-customer", "get-batch", "list-operations", "submit-batch"}


@pytest.mark.parametrize("action", sorted(functions().keys() - WITHOUT_STIGG))
def test_secret(stack: LocalStack, action: str) -> None:
    """Every function that calls Stigg reads the secret of the key and changes none; it reads no webhook's secret."""
    client = boto3.client("secretsmanager", **_as_role(stack, action))
    secret = stack.deployment.outputs["StiggSecretArn"]

    assert client.get_secret_value(SecretId=secret)["SecretString"]
    with pytest.raises(ClientError, match="AccessDenied"):
        client.put_secret_value(SecretId=secret, SecretString="{}")
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_secret_value(SecretId=stack.deployment.outputs["WebhookSecretArn"])


def test_the_open_route_cannot_read_the_key(stack: LocalStack) -> None:
    """The one function that anybody can call reads the secret of the webhooks, and neither the key nor a table."""
    client = boto3.client("secretsmanager", **_as_role(stack, "receive-webhook"))
    database = boto3.client("dynamodb", **_as_role(stack, "receive-webhook"))

    assert client.get_secret_value(SecretId=stack.deployment.outputs["WebhookSecretArn"])["SecretString"]
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_secret_value(SecretId=stack.deployment.outputs["StiggSecretArn"])
    with pytest.raises(ClientError, match="AccessDenied"):
        _read(database, stack.deployment.outputs["SubscriptionMappingsTableName"], MAPPING)


@pytest.mark.parametrize("action", sorted({**functions(), **consumers()}))
def test_no_function_scans_or_drops(stack: LocalStack, action: str) -> None:
    """No function can read a whole table, or drop one."""
    client = boto3.client("dynamodb", **_as_role(stack, action))
    table = stack.deployment.outputs["SubscriptionMappingsTableName"]

    with pytest.raises(ClientError, match="AccessDenied"):
        client.scan(TableName=table)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_table(TableName=table)


def test_a_record_writer_writes_in_one_transaction(stack: LocalStack) -> None:
    """An action that creates writes ledger and mapping together."""
    client = boto3.client("dynamodb", **_as_role(stack, "create-subscription"))
    mappings = stack.deployment.outputs["SubscriptionMappingsTableName"]
    operations = stack.deployment.outputs["OperationsTableName"]
    both: list[TransactWriteItemTypeDef] = [
        {"Put": {"TableName": mappings, "Item": MAPPING}},
        {"Put": {"TableName": operations, "Item": OPERATION}},
    ]
    client.transact_write_items(TransactItems=both)

    assert _read(client, mappings, MAPPING) == [MAPPING]
    for table, key in ((mappings, MAPPING), (operations, OPERATION)):
        with pytest.raises(ClientError, match="AccessDenied"):
            client.delete_item(TableName=table, Key=key)
        boto3.client("dynamodb", **stack.ministack.client_settings()).delete_item(TableName=table, Key=key)


def test_a_look_restores_a_mapping(stack: LocalStack) -> None:
    """The function that shows subscriptions reads a record's partition and writes mappings, but no operation."""
    client = boto3.client("dynamodb", **_as_role(stack, "get-subscription"))
    mappings = stack.deployment.outputs["SubscriptionMappingsTableName"]
    operations = stack.deployment.outputs["OperationsTableName"]
    lost: dict[str, Any] = {"pk": {"S": "lost"}, "sk": {"S": "record"}}
    put: TransactWriteItemTypeDef = {"Put": {"TableName": mappings, "Item": lost}}
    client.transact_write_items(TransactItems=[put])
    found = client.query(
        TableName=mappings, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "lost"}}
    )

    assert found["Items"] == [lost]
    with pytest.raises(ClientError, match="AccessDenied"):
        client.put_item(TableName=operations, Item=OPERATION)
    boto3.client("dynamodb", **stack.ministack.client_settings()).delete_item(TableName=mappings, Key=lost)


def test_forgetting_removes_texts_alone(stack: LocalStack) -> None:
    """The function that forgets reads all operations, and can make none, drop none, nor read the mappings whole."""
    client = boto3.client("dynamodb", **_as_role(stack, "forget-customer"))
    operations = stack.deployment.outputs["OperationsTableName"]

    assert "Items" in client.scan(TableName=operations, Limit=1)
    for refused in (
        lambda: client.put_item(TableName=operations, Item=OPERATION),
        lambda: client.delete_item(TableName=operations, Key=OPERATION),
        lambda: client.scan(TableName=stack.deployment.outputs["SubscriptionMappingsTableName"]),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


@pytest.mark.parametrize("action", ["preview-subscription", "trigger-workflow"])
def test_a_reader_changes_no_mapping(stack: LocalStack, action: str) -> None:
    """A function that only reads mappings writes none, not in a transaction either."""
    client = boto3.client("dynamodb", **_as_role(stack, action))
    mappings = stack.deployment.outputs["SubscriptionMappingsTableName"]
    put: TransactWriteItemTypeDef = {"Put": {"TableName": mappings, "Item": MAPPING}}

    assert _read(client, mappings, {"pk": {"S": "no"}, "sk": {"S": "no"}}) == []
    with pytest.raises(ClientError, match="AccessDenied"):
        client.put_item(TableName=mappings, Item=MAPPING)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.transact_write_items(TransactItems=[put])


def test_the_worker_calls_the_actions_of_batches(stack: LocalStack) -> None:
    """The worker of batches invokes the actions that write, and nothing else; it reads no secret and no mapping."""
    client = boto3.client("lambda", **_as_role(stack, "run-batch"))
    answer = client.invoke(FunctionName=stack.endpoints.functions["create-customer"], Payload=b"{}")

    assert b"INVALID_REQUEST" in answer["Payload"].read()
    for action in functions().keys() - BATCH_ACTIONS.keys():
        with pytest.raises(ClientError, match="AccessDenied"):
            client.invoke(FunctionName=stack.endpoints.functions[action], Payload=b"{}")
    secrets = boto3.client("secretsmanager", **_as_role(stack, "run-batch"))
    with pytest.raises(ClientError, match="AccessDenied"):
        secrets.get_secret_value(SecretId=stack.deployment.outputs["StiggSecretArn"])
    with pytest.raises(ClientError, match="AccessDenied"):
        _read(
            boto3.client("dynamodb", **_as_role(stack, "run-batch")),
            stack.deployment.outputs["SubscriptionMappingsTableName"],
            MAPPING,
        )


@pytest.mark.parametrize("action", sorted(functions()))
def test_no_action_publishes(stack: LocalStack, action: str) -> None:
    """No action's role can put an event on the bus."""
    entry: Any = {
        "EventBusName": stack.deployment.outputs["EventBusName"],
        "Source": "s",
        "DetailType": "t",
        "Detail": "{}",
    }

    with pytest.raises(ClientError, match="AccessDenied"):
        boto3.client("events", **_as_role(stack, action)).put_events(Entries=[entry])
