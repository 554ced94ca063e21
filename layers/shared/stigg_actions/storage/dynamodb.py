"""DynamoDB, reduced to what is used here: consistent reads and transactions, within the time of one invocation."""

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
"""One call takes no longer, by the timeouts of the client."""

_REFUSED_FOR_GOOD = {"ValidationException", "ValidationError", "AccessDeniedException", "ResourceNotFoundException"}
_CALLS = 6
_SILENT_CALLS = 2
_FIRST_WAIT_SECONDS = 0.05
_ITEMS_OF_A_CALL = 25


class ConditionFailedError(Exception):
    """A write was refused because an item is not as it was expected to be; nothing was written."""


class _UnprocessedError(Exception):
    """Some of the items are still to be read or written."""


class Page(NamedTuple):
    """A part of what a query finds, and where the next part begins, in DynamoDB's own notation."""

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
        """Read items by (table, key), consistently and in one call; None where there is none."""
        wanted: dict[str, Any] = {}
        for table, key in keys:
            request = wanted.setdefault(table, {"Keys": [], "ConsistentRead": True})
            request["Keys"].append(self.attributes(key))
        names = {table: tuple(key) for table, key in keys}
        found = {
            (table, *(item[name] for name in names[table])): item
            for table, items in self._read_all(wanted).items()
            for item in items
        }
        return [found.get((table, *(key[name] for name in names[table]))) for table, key in keys]

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
        """Read one page of a query as boto3 takes it; what an index shows may lag behind."""
        answer = self._answer(lambda: self._client.query(**cast("Any", query)))
        return Page([self._item(item) for item in answer["Items"]], answer.get("LastEvaluatedKey"))

    def scan(self, query: Mapping[str, Any]) -> Page:
        """Read one page of a whole table as boto3 takes it, consistently."""
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

        The change is one that can be made twice, in case that the first answer is lost.
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
        """Put items whatever stands, 25 in a call."""
        for rest in batched(items, _ITEMS_OF_A_CALL, strict=False):
            self._write({table: [{"PutRequest": {"Item": self.attributes(item)}} for item in rest]})

    def transact(self, writes: Sequence[Mapping[str, Any]]) -> None:
        """Write all or nothing; a collision with another transaction is waited out.

        All calls carry one token, so a transaction whose answer was lost is not refused for its own effect.

        Raises:
            ConditionFailedError: an item is not as expected; nothing was written.
        """
        items, token = cast("Any", writes), uuid4().hex
        self._answer(lambda: self._client.transact_write_items(TransactItems=items, ClientRequestToken=token))

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return an item in DynamoDB's own notation; absent values (None) are left out."""
        return {name: self._to_attribute(value) for name, value in item.items() if value is not None}

    def _write(self, wanted: Mapping[str, Any]) -> None:
        rest = wanted

        def write_rest() -> None:
            nonlocal rest
            rest = cast("Any", self._client.batch_write_item(RequestItems=rest).get("UnprocessedItems"))
            if rest:
                raise _UnprocessedError

        self._answer(write_rest)

    def _read_all(self, wanted: Mapping[str, Any]) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = {}
        rest = wanted

        def read_rest() -> None:
            nonlocal rest
            answer = self._client.batch_get_item(RequestItems=rest)
            for table, items in answer["Responses"].items():
                found.setdefault(table, []).extend(map(self._item, items))
            rest = cast("Mapping[str, Any]", answer.get("UnprocessedKeys"))
            if rest:
                raise _UnprocessedError

        self._answer(read_rest)
        return found

    def _answer[Answer](self, call: Callable[[], Answer]) -> Answer:
        """Call until there is an answer. The first call is made as long as any time is left, others if they fit in."""
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
    """Return an item out of DynamoDB's own notation, in which its streams have it, too."""
    return {name: TypeDeserializer().deserialize(value) for name, value in attributes.items()}


def _raise_if_definite(error: ClientError) -> None:
    """Raise for a refusal that no repetition changes: a failed condition, or a request that is wrong."""
    response = cast("Any", error.response)
    reasons = {reason.get("Code") for reason in response.get("CancellationReasons", ())}
    if "ConditionalCheckFailed" in reasons or response["Error"]["Code"] == "ConditionalCheckFailedException":
        raise ConditionFailedError from None
    refused = _REFUSED_FOR_GOOD & {response["Error"]["Code"], *reasons}
    if refused:
        raise Misconfigured(
            "STORAGE_REFUSED",
            f"DynamoDB refused the request of this action ({min(refused)}). The tables or rights of this deployment "
            "are not as the template sets them, or the request is larger than an item may be.",
        ) from None


def _unavailable(reason: str) -> StiggUnavailable:
    return StiggUnavailable("STORAGE_UNAVAILABLE", f"DynamoDB did not answer ({reason}); try again.")
