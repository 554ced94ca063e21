"""What we rely on in the AWS stand-in, so that another can take its place only if it does the same.

The ledger and the lease are as good as these: conditions hold in a race, a transaction is all or nothing, a refused
condition shows the item that stands, and a consistent read sees every write that was acknowledged before it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.tables import Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

RACERS = 16
ROUNDS = 10


def _key(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}, "sk": {"S": "lease"}}


def _operation(name: str) -> dict[str, Any]:
    return {"operation_key": {"S": name}, "intent": {"N": "1"}}


def _winners(racer: Callable[[int], bool]) -> int:
    """How many of the racers, all let go at once, got what only one may have."""
    barrier = Barrier(RACERS)

    def run(number: int) -> bool:
        barrier.wait()
        return racer(number)

    with ThreadPoolExecutor(RACERS) as pool:
        return sum(pool.map(run, range(RACERS)))


def _start(tables: Tables, name: str, owner: int) -> bool:
    """Write operation and lease, as long as nobody has; whether it was us."""
    both: list[TransactWriteItemTypeDef] = [
        {
            "Put": {
                "TableName": tables.operations,
                "Item": _operation(f"{name}-{owner}"),
                "ConditionExpression": "attribute_not_exists(operation_key)",
            }
        },
        {
            "Put": {
                "TableName": tables.mappings,
                "Item": {**_key(name), "owner": {"N": str(owner)}},
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
    ]
    try:
        tables.client.transact_write_items(TransactItems=both)
    except tables.client.exceptions.TransactionCanceledException:
        return False
    return True


def test_a_transaction_has_one_winner(tables: Tables) -> None:
    """Of many transactions that want one lease, one wins, and the others leave nothing behind."""
    for number in range(ROUNDS):
        name = f"round-{number}"

        assert _winners(lambda owner, name=name: _start(tables, name, owner)) == 1  # type: ignore[misc]
    assert len(tables.items(tables.operations)) == ROUNDS


def test_a_condition_has_one_winner(tables: Tables) -> None:
    """Of many updates that expect the same version, one is made."""

    def update(_: int, version: str) -> bool:
        try:
            tables.client.update_item(
                TableName=tables.mappings,
                Key=_key("customer"),
                UpdateExpression="SET version = :next",
                ConditionExpression="attribute_not_exists(version) OR version < :next",
                ExpressionAttributeValues={":next": {"N": version}},
            )
        except tables.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    for number in range(1, ROUNDS):
        assert _winners(lambda racer, version=str(number): update(racer, version)) == 1  # type: ignore[misc]


def test_a_refusal_shows_what_stands(tables: Tables) -> None:
    """A cancelled transaction says which condition failed, and returns the item that stood in the way."""
    assert _start(tables, "customer", 1)
    lease: TransactWriteItemTypeDef = {
        "Put": {
            "TableName": tables.mappings,
            "Item": _key("customer"),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    other: TransactWriteItemTypeDef = {"Put": {"TableName": tables.operations, "Item": _operation("other")}}

    with pytest.raises(tables.client.exceptions.TransactionCanceledException) as refused:
        tables.client.transact_write_items(TransactItems=[other, lease])
    response: dict[str, Any] = dict(refused.value.response)
    reasons = response["CancellationReasons"]

    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == {**_key("customer"), "owner": {"N": "1"}}


def test_a_refused_put_shows_what_stands(tables: Tables) -> None:
    """A single conditional write returns the item that stood in the way, too."""
    tables.client.put_item(TableName=tables.mappings, Item=_key("customer"))

    with pytest.raises(tables.client.exceptions.ConditionalCheckFailedException) as refused:
        tables.client.put_item(
            TableName=tables.mappings,
            Item=_key("customer"),
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    response: dict[str, Any] = dict(refused.value.response)

    assert response["Item"] == _key("customer")


def test_one_read_over_two_tables(tables: Tables) -> None:
    """One consistent BatchGetItem reads mapping and operation, and leaves out what is not there."""
    assert _start(tables, "customer", 1)
    answer = tables.client.batch_get_item(
        RequestItems={
            tables.mappings: {"Keys": [_key("customer"), _key("nobody")], "ConsistentRead": True},
            tables.operations: {"Keys": [_operation("customer-1")], "ConsistentRead": True},
        }
    )

    assert answer["Responses"] == {
        tables.mappings: [{**_key("customer"), "owner": {"N": "1"}}],
        tables.operations: [_operation("customer-1")],
    }
    assert answer["UnprocessedKeys"] == {}


def test_a_read_sees_every_write_before_it(tables: Tables) -> None:
    """A consistent read, whoever makes it, sees the write that was just acknowledged."""

    def write_and_read(number: int) -> bool:
        tables.client.put_item(TableName=tables.mappings, Item=_key(str(number)))
        return "Item" in tables.client.get_item(TableName=tables.mappings, Key=_key(str(number)), ConsistentRead=True)

    assert _winners(write_and_read) == RACERS


def test_the_same_token_writes_once(tables: Tables) -> None:
    """A transaction whose answer was lost can be sent again under its token."""
    count: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": tables.mappings,
            "Key": _key("customer"),
            "UpdateExpression": "ADD writes :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    for _ in range(2):
        tables.client.transact_write_items(TransactItems=[count], ClientRequestToken="the-same")

    assert tables.items(tables.mappings) == [{**_key("customer"), "writes": {"N": "1"}}]
