"""A stack that is upgraded: its table gets the new index, and what an older version wrote is found by it."""

import uuid
from typing import TYPE_CHECKING, cast

from local.stack.template import OPERATIONS, table_schema
from stigg_actions.clock import Deadline, SystemClock
from stigg_actions.storage.dynamodb import Database
from stigg_actions.storage.operation_index import OperationIndex
from tests.support.fakes import SETTINGS
from tests.unit.storage.test_operation import FINISHED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import CreateTableInputTypeDef, GlobalSecondaryIndexTypeDef

INDEX = "ByCorrelation"
OLDER = {
    "operation_key": {"S": FINISHED.operation_key},
    "intent": {"N": "1"},
    "kind": {"S": FINISHED.kind},
    "status": {"S": "SUCCEEDED"},
    "correlation_id": {"S": "flow-1"},
    "started_at": {"N": str(FINISHED.started_at)},
}
"""What an older version kept, as far as the index has it."""


def older(schema: "CreateTableInputTypeDef") -> tuple["CreateTableInputTypeDef", "GlobalSecondaryIndexTypeDef"]:
    """Return the table as it was without the index, and the index."""
    indexes = cast("list[GlobalSecondaryIndexTypeDef]", schema["GlobalSecondaryIndexes"])
    (new,) = [index for index in indexes if index["IndexName"] == INDEX]
    kept = [index for index in indexes if index["IndexName"] != INDEX]
    names = {key["AttributeName"] for index in kept for key in index["KeySchema"]}
    names |= {key["AttributeName"] for key in schema["KeySchema"]}
    definitions = [one for one in schema["AttributeDefinitions"] if one["AttributeName"] in names]
    return {**schema, "AttributeDefinitions": definitions, "GlobalSecondaryIndexes": kept}, new


def test_an_index_that_is_added(dynamodb: "DynamoDBClient") -> None:
    """One update adds the index to a table in use, and older operations are found by their call."""
    schema = table_schema(OPERATIONS, name=f"operations-{uuid.uuid4().hex}")
    before, index = older(schema)
    dynamodb.create_table(**before)
    dynamodb.put_item(TableName=before["TableName"], Item=OLDER)
    dynamodb.update_table(
        TableName=before["TableName"],
        AttributeDefinitions=schema["AttributeDefinitions"],
        GlobalSecondaryIndexUpdates=[{"Create": index}],
    )
    clock = SystemClock()
    database = Database(dynamodb, Deadline.after(clock, 10))
    found = OperationIndex(database, SETTINGS._replace(operations_table=before["TableName"]))

    (reference,) = found.of_call("flow-1", most=5, after=None).references
    dynamodb.delete_table(TableName=before["TableName"])

    assert (reference.operation_key, reference.intent, reference.kind) == (FINISHED.operation_key, 1, "provision")
