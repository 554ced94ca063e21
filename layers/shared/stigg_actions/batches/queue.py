"""The FIFO queue between a batch and its workers: a message names one request, and its group is the customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from stigg_actions import decimal_json
from stigg_actions.batches.batch import BatchId
from stigg_actions.errors import StiggUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

    from stigg_actions.clock import Deadline

_MESSAGES_OF_A_CALL = 10
_CALLS = 6
_FIRST_WAIT_SECONDS = 0.05
_RESERVED_SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class Message:
    """A message for one request of a batch."""

    batch_id: BatchId
    index: int
    group: str

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Message:
        """Read a record of an event that SQS sends to a function."""
        body = decimal_json.loads(record["body"])
        batch_id = BatchId(body["batchKey"], body["generation"])
        return cls(batch_id, body["index"], record["attributes"]["MessageGroupId"])

    @property
    def body(self) -> str:
        """The text of the message."""
        fields = {"batchKey": self.batch_id.key, "generation": self.batch_id.generation, "index": self.index}
        return decimal_json.dumps(fields)

    def __str__(self) -> str:
        """The deduplication id: batch and index."""
        return f"{self.batch_id}:{self.index}"


class BatchQueue:
    """Sends to the queue within the time of one invocation."""

    def __init__(self, client: Callable[[], SQSClient], url: str, deadline: Deadline) -> None:
        self._client = client
        self._url = url
        self._deadline = deadline

    def send(self, messages: Sequence[Message]) -> None:
        """Send messages so that those of one group keep their order.

        Raises:
            StiggUnavailable: SQS did not accept all messages; some may be in the queue.
        """
        for call in _calls(messages):
            self._send([_entry(number, message) for number, message in enumerate(call)])

    def _send(self, entries: list[SendMessageBatchRequestEntryTypeDef]) -> None:
        rest, wait = entries, _FIRST_WAIT_SECONDS
        for _ in range(_CALLS):
            rest = self._refused(rest)
            if not rest:
                return
            if self._deadline.seconds_left() < wait + _RESERVED_SECONDS:
                break
            self._deadline.clock.wait(wait)
            wait *= 2
        raise StiggUnavailable(
            "QUEUE_UNAVAILABLE",
            "The queue did not accept all requests. Send the same batch again; no request runs twice.",
        )

    def _refused(self, entries: list[SendMessageBatchRequestEntryTypeDef]) -> list[SendMessageBatchRequestEntryTypeDef]:
        """Send messages, and return those that may not be in the queue. The queue drops duplicates."""
        try:
            answer = self._client().send_message_batch(QueueUrl=self._url, Entries=entries)
        except (BotoCoreError, ClientError):
            return entries
        failed = {failure["Id"] for failure in answer.get("Failed", ())}
        return [entry for entry in entries if entry["Id"] in failed]


def _calls(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Divide messages into calls without two of one group, because SQS may accept only the later one."""
    waiting = list(messages)
    while waiting:
        call: dict[str, Message] = {}
        for message in waiting:
            if len(call) < _MESSAGES_OF_A_CALL:
                call.setdefault(message.group, message)
        yield list(call.values())
        waiting = [message for message in waiting if call.get(message.group) is not message]


def _entry(number: int, message: Message) -> SendMessageBatchRequestEntryTypeDef:
    return {
        "Id": str(number),
        "MessageBody": message.body,
        "MessageGroupId": message.group,
        "MessageDeduplicationId": str(message),
    }
