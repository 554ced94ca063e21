"""DynamoDB, reduced to what is used here: consistent reads of many items, and transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from stigg_actions.errors import StiggUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from stigg_actions.clock import Clock

type Item = dict[str, Any]

_PASSING_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_PASSING_ERRORS = {"TransactionInProgressException", "TransactionConflictException"}
_ATTEMPTS = 6
_FIRST_WAIT_SECONDS = 0.05


class ConditionFailedError(Exception):
    """A transaction was refused because an item is not as it was expected to be; nothing was written."""


class Database:
    """Reads and transactions over the tables of one deployment."""

    def __init__(self, client: DynamoDBClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._to_attribute = TypeSerializer().serialize
        self._from_attribute = TypeDeserializer().deserialize

    def read(self, keys: Sequence[tuple[str, Item]]) -> list[Item | None]:
        """Read items by (table, key), consistently and in one call; None where there is none.

        Raises:
            StiggUnavailable: DynamoDB did not answer.
        """
        wanted: dict[str, Any] = {}
        for table, key in keys:
            request = wanted.setdefault(table, {"Keys": [], "ConsistentRead": True})
            request["Keys"].append(self.attributes(key))
        found = self._read_all(wanted)
        return [
            next((item for item in found.get(table, ()) if key.items() <= item.items()), None) for table, key in keys
        ]

    def newest(self, table: str, *, partition: tuple[str, str]) -> Item | None:
        """Read the item with the highest sort key of a partition, consistently. Raises as ``read``."""
        name, value = partition
        try:
            answer = self._client.query(
                TableName=table,
                KeyConditionExpression="#key = :key",
                ExpressionAttributeNames={"#key": name},
                ExpressionAttributeValues={":key": {"S": value}},
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=1,
            )
        except (ClientError, BotoCoreError):
            raise _unavailable() from None
        return next((self._item(item) for item in answer["Items"]), None)

    def transact(self, writes: Sequence[Mapping[str, Any]]) -> None:
        """Write all or nothing; a collision with another transaction is waited out.

        Raises:
            ConditionFailedError: an item is not as expected; nothing was written.
            StiggUnavailable: DynamoDB did not answer, or stayed contended.
        """
        for attempt in range(_ATTEMPTS):
            try:
                self._client.transact_write_items(TransactItems=cast("Any", writes))
            except ClientError as error:
                if not _will_pass(error):
                    raise _unavailable() from None
                self._clock.wait(_FIRST_WAIT_SECONDS * 2**attempt)
            except BotoCoreError:
                raise _unavailable() from None
            else:
                return
        raise _unavailable()

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return an item in DynamoDB's own notation; absent values (None) are left out."""
        return {name: self._to_attribute(value) for name, value in item.items() if value is not None}

    def _read_all(self, wanted: dict[str, Any]) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = {}
        for attempt in range(_ATTEMPTS):
            try:
                answer = self._client.batch_get_item(RequestItems=wanted)
            except (ClientError, BotoCoreError):
                raise _unavailable() from None
            for table, items in answer["Responses"].items():
                found.setdefault(table, []).extend(map(self._item, items))
            wanted = cast("dict[str, Any]", answer.get("UnprocessedKeys"))
            if not wanted:
                return found
            self._clock.wait(_FIRST_WAIT_SECONDS * 2**attempt)
        raise _unavailable()

    def _item(self, attributes: Mapping[str, Any]) -> Item:
        return {name: self._from_attribute(value) for name, value in attributes.items()}


def _will_pass(error: ClientError) -> bool:
    """Whether a refused transaction is worth another try; a failed condition is told apart here, once."""
    reasons = {reason.get("Code") for reason in cast("Any", error.response).get("CancellationReasons", ())}
    if "ConditionalCheckFailed" in reasons:
        raise ConditionFailedError from None
    return error.response["Error"]["Code"] in _PASSING_ERRORS or bool(reasons & _PASSING_REASONS)


def _unavailable() -> StiggUnavailable:
    return StiggUnavailable("STORAGE_UNAVAILABLE", "DynamoDB did not answer; try again.")
