"""Process the messages of a FIFO queue by group, hide them while they run, and return those that fail."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mypy_boto3_sqs import SQSClient

    from stigg_actions.batches.queue import Message

type Record = Mapping[str, Any]
type Hold = Callable[[float], None]
"""Hides the group of a record from other workers for a number of seconds."""

_DELAY_SECONDS = 30


class LostError(Exception):
    """This worker no longer holds a message: another worker received it, or the queue does not answer."""


class FifoProcessor:
    """Processes the messages that a queue's event source passes to a function."""

    def __init__(self, client: SQSClient, *, queue_url: str, given_up_url: str = "") -> None:
        self._client = client
        self._queue_url = queue_url
        self._given_up_url = given_up_url

    def process(
        self, records: Sequence[Record], run: Callable[[Record, Hold], None]
    ) -> dict[str, list[dict[str, str]]]:
        """Run groups in parallel and the records of a group in order; return the failures as Lambda reports them."""
        groups: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            groups[record["attributes"]["MessageGroupId"]].append(record)
        with ThreadPoolExecutor(len(groups)) as threads:
            waiting = {threads.submit(self._run, group, rest := deque(group), run): rest for group in groups.values()}
            for group in as_completed(waiting):
                if isinstance(error := group.exception(), Exception):
                    self._put_back(waiting[group], error)
                else:
                    group.result()  # raises what ends the process
        failed = (record for rest in waiting.values() for record in rest)
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}

    def give_up(self, message: Message, record: Record) -> None:
        """Send a message to the queue for messages that were given up."""
        self._client.send_message(
            QueueUrl=self._given_up_url,
            MessageBody=record["body"],
            MessageGroupId=message.group,
            MessageDeduplicationId=record["messageId"],
        )

    def _run(self, group: Sequence[Record], waiting: deque[Record], run: Callable[[Record, Hold], None]) -> None:
        """Run a group's records in order. The first that fails, and those after it, stay in ``waiting``."""
        hold = self._hold(group)
        while waiting:
            run(waiting[0], hold)
            waiting.popleft()

    def _hold(self, group: Sequence[Record]) -> Hold:
        """Return the function that hides a group. It raises LostError if another worker has one of its messages.

        Finished messages are hidden too: SQS delivers no message of a group while one of them is hidden.
        """

        def hold(seconds: float) -> None:
            entries = [
                {"Id": str(number), "ReceiptHandle": record["receiptHandle"], "VisibilityTimeout": math.ceil(seconds)}
                for number, record in enumerate(group)
            ]
            try:
                answer = self._client.change_message_visibility_batch(
                    QueueUrl=self._queue_url, Entries=cast("Any", entries)
                )
            except (BotoCoreError, ClientError) as error:
                raise LostError from error
            if answer.get("Failed"):
                raise LostError

        return hold

    def _put_back(self, records: Iterable[Record], error: Exception) -> None:
        """Let a group's messages be delivered again after the delay that the error asks for, all hidden until then.

        If another worker has one of them, the group is left to that worker.
        """
        if isinstance(error, LostError):
            return
        seconds = round(getattr(error, "seconds", _DELAY_SECONDS))
        for record in records:
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds
            )
