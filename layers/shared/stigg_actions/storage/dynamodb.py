"""Read and write DynamoDB items, consistently and within the time of one invocation."""

from collections.abc import Callable, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import uuid4

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from stigg_actions.clock import CallStats, Deadline
from stigg_actions.errors import Misconfigured, StiggUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


type Item = dict[str, Any]

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 1.5
LONGEST_CALL_SECONDS = CONNECT_SECONDS + ANSWER_SECONDS
"""Maximum duration of one call, by the timeouts of the client."""

_REFUSED_FOR_GOOD = {"ValidationException", "ValidationError", "AccessDeniedException", "ResourceNotFoundException"}
_CALLS = 6
_SILENT_CALLS = 2
_FIRST_WAIT_SECONDS = 0.05
_ITEMS_OF_A_CALL = 25


class ConditionFailedError(Exception):
    """A write was refused because an item is not as expected. No item was written."""


class _UnprocessedError(Exception):
    """DynamoDB did not process all of the items."""


class Page(NamedTuple):
    """One page of a query, and the key after which the next page begins, in DynamoDB's own notation."""

    items: list[Item]
    next_key: Mapping[str, Any] | None


class Database:
    """Reads and transactions over the tables of one deployment, for the time that one invocation has.

    Every method raises StiggUnavailable if DynamoDB does not answer, or not in time, and Misconfigured if it refuses.
    """

    def __init__(self, client: "DynamoDBClient", deadline: Deadline, stats: CallStats | None = None) -> None:
        self._client = client
        self._deadline = deadline
        self._effort = stats or CallStats()
        self._to_attribute = TypeSerializer().serialize

    def read(self, keys: Sequence[tuple[str, Item]]) -> list[Item | None]:
        """Read items by (table, key), consistently and in one call; None for an item that does not exist."""
        requests: dict[str, Any] = {}
        for table, key in keys:
            request = requests.setdefault(table, {"Keys": [], "ConsistentRead": True})
            request["Keys"].append(self.attributes(key))
        names = {table: tuple(key) for table, key in keys}
        items_by_key = {
            (table, *(item[name] for name in names[table])): item
            for table, items in self._read_all(requests).items()
            for item in items
        }
        return [items_by_key.get((table, *(key[name] for name in names[table]))) for table, key in keys]

    def newest(self, table: str, *, partition: tuple[str, str]) -> Item | None:
        """Read the item with the highest sort key of a partition, consistently."""
        return next(iter(self.last(table, partition=partition, most=1)), None)

    def last(self, table: str, *, partition: tuple[str, str], most: int) -> list[Item]:
        """Read the items with the highest sort keys of a partition, highest first, consistently and in one call."""
        name, value = partition
        answer = self._answer(
            lambda: self._client.query(
                TableName=table,
                KeyConditionExpression="#key = :key",
                ExpressionAttributeNames={"#key": name},
                ExpressionAttributeValues={":key": {"S": value}},
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=most,
            )
        )
        return [self._item(item) for item in answer["Items"]]

    def page(self, query: Mapping[str, Any]) -> Page:
        """Read one page of a query in boto3's notation. An index may lag behind its table."""
        answer = self._answer(lambda: self._client.query(**cast("Any", query)))
        return Page([self._item(item) for item in answer["Items"]], answer.get("LastEvaluatedKey"))

    def scan(self, query: Mapping[str, Any]) -> Page:
        """Read one page of a whole table consistently, by a query in boto3's notation."""
        answer = self._answer(lambda: self._client.scan(**cast("Any", {**query, "ConsistentRead": True})))
        return Page([self._item(item) for item in answer["Items"]], answer.get("LastEvaluatedKey"))

    def put(self, table: str, item: Item, *, condition: str, values: Item) -> None:
        """Put one item on a condition. Raises ConditionFailedError."""
        self._answer(
            lambda: self._client.put_item(
                TableName=table,
                Item=self.attributes(item),
                ConditionExpression=condition,
                ExpressionAttributeValues=self.attributes(values),
            )
        )

    def update(
        self,
        place: tuple[str, Item],
        expression: str,
        *,
        values: Item,
        condition: str,
        names: Mapping[str, str] | None = None,
    ) -> Item:
        """Change the item at (table, key) on a condition, and return all of it. Raises ConditionFailedError.

        The change must be safe to repeat, because it is sent again if an answer is lost.
        """
        table, key = place
        given: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        answer = self._answer(
            lambda: self._client.update_item(
                TableName=table,
                Key=self.attributes(key),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=self.attributes(values),
                ReturnValues="ALL_NEW",
                **given,
            )
        )
        return self._item(answer["Attributes"])

    def write(self, table: str, items: Sequence[Item]) -> None:
        """Put items unconditionally, 25 in a call."""
        for rest in batched(items, _ITEMS_OF_A_CALL, strict=False):
            self._write({table: [{"PutRequest": {"Item": self.attributes(item)}} for item in rest]})

    def transact(self, writes: Sequence[Mapping[str, Any]]) -> None:
        """Write all items or none; retry after a collision with another transaction.

        All tries have one token, so a transaction whose answer was lost is not refused because of its own effect.

        Raises:
            ConditionFailedError: an item is not as expected. No item was written.
        """
        items, token = cast("Any", writes), uuid4().hex
        self._answer(lambda: self._client.transact_write_items(TransactItems=items, ClientRequestToken=token))

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return an item in DynamoDB's own notation; absent values (None) are left out."""
        return {name: self._to_attribute(value) for name, value in item.items() if value is not None}

    def _write(self, requests: Mapping[str, Any]) -> None:
        rest = requests

        def write_rest() -> None:
            nonlocal rest
            rest = cast("Any", self._client.batch_write_item(RequestItems=rest).get("UnprocessedItems"))
            if rest:
                raise _UnprocessedError

        self._answer(write_rest)

    def _read_all(self, requests: Mapping[str, Any]) -> dict[str, list[Item]]:
        items_by_table: dict[str, list[Item]] = {}
        rest = requests

        def read_rest() -> None:
            nonlocal rest
            answer = self._client.batch_get_item(RequestItems=rest)
            for table, items in answer["Responses"].items():
                items_by_table.setdefault(table, []).extend(map(self._item, items))
            rest = cast("Mapping[str, Any]", answer.get("UnprocessedKeys"))
            if rest:
                raise _UnprocessedError

        self._answer(read_rest)
        return items_by_table

    def _answer[Answer](self, call: Callable[[], Answer]) -> Answer:
        """Call until DynamoDB answers. The first call needs any time left, each retry the time of a whole call."""
        number, wait = 1, _FIRST_WAIT_SECONDS
        while True:
            try:
                return self._call(call)
            except BotoCoreError as error:
                last, reason = number >= _SILENT_CALLS, type(error).__name__
            except ClientError as error:
                last, reason = number >= _CALLS, error.response["Error"]["Code"]
            except _UnprocessedError:
                last, reason = number >= _CALLS, "throttled"
            if last or self._deadline.seconds_left() < wait + LONGEST_CALL_SECONDS:
                raise _unavailable(reason)
            self._deadline.clock.wait(wait)
            self._effort.retries += 1
            number, wait = number + 1, wait * 2

    def _call[Answer](self, call: Callable[[], Answer]) -> Answer:
        if not self._deadline.seconds_left():
            raise _unavailable("no time left")
        try:
            with self._effort.dynamodb.measured():
                return call()
        except ClientError as error:
            _raise_if_definite(error)
            raise

    def _item(self, attributes: Mapping[str, Any]) -> Item:
        return plain(attributes)


def plain(attributes: Mapping[str, Any]) -> Item:
    """Convert an item from DynamoDB's own notation, which its streams use too."""
    return {name: TypeDeserializer().deserialize(value) for name, value in attributes.items()}


def _raise_if_definite(error: ClientError) -> None:
    """Raise for a refusal that a retry would not change: a failed condition or an invalid request."""
    response = cast("Any", error.response)
    reasons = {reason.get("Code") for reason in response.get("CancellationReasons", ())}
    if "ConditionalCheckFailed" in reasons or response["Error"]["Code"] == "ConditionalCheckFailedException":
        raise ConditionFailedError from None
    refused = _REFUSED_FOR_GOOD & {response["Error"]["Code"], *reasons}
    if refused:
        raise Misconfigured(
            "STORAGE_REFUSED",
            f"DynamoDB refused the request of this action ({min(refused)}). If the tables or permissions of this "
            "deployment differ from the template, deploy the stack again. If the request is very long, shorten it.",
        ) from None


def _unavailable(reason: str) -> StiggUnavailable:
    return StiggUnavailable("STORAGE_UNAVAILABLE", f"DynamoDB did not answer ({reason}); try again.")
