"""What SQS delivers: the groups of an event, what is held, what goes back to the queue, and what is given up."""

from __future__ import annotations

import math
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mypy_boto3_sqs import SQSClient

    from stigg_actions.batches.queue import Message

type Record = Mapping[str, Any]
type Hold = Callable[[float], None]
"""Hides the group of a record from other workers for so many seconds from now."""

_DELAY_SECONDS = 30


class LostError(Exception):
    """A message is no longer this worker's: it was delivered to another one, or the queue does not answer."""


class FifoProcessor:
    """The messages of one queue, as its event source hands them to a function."""

    def __init__(self, client: SQSClient, *, queue_url: str, given_up_url: str = "") -> None:
        self._client = client
        self._queue_url = queue_url
        self._given_up_url = given_up_url

    def process(
        self, records: Sequence[Record], run: Callable[[Record, Hold], None]
    ) -> dict[str, list[dict[str, str]]]:
        """Run all records, group beside group and each group in its order; return which failed, as SQS is told."""
        groups: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            groups[record["attributes"]["MessageGroupId"]].append(record)
        with ThreadPoolExecutor(len(groups)) as threads:
            failed = threads.map(lambda group: self._process_group(group, run), groups.values())
        return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for group in failed for one in group]}

    def give_up(self, message: Message, record: Record) -> None:
        """Put a message into the queue of what was given up."""
        self._client.send_message(
            QueueUrl=self._given_up_url,
            MessageBody=record["body"],
            MessageGroupId=message.group,
            MessageDeduplicationId=record["messageId"],
        )

    def _process_group(self, records: list[Record], run: Callable[[Record, Hold], None]) -> list[Record]:
        """Run a group's records up to the first that fails; put that one and those after it back, all until then.

        What another worker has by now is left to it, with those behind it.
        """
        processor = SqsFifoPartialProcessor()
        processor.raise_on_entire_batch_failure = False
        with processor([dict(record) for record in records], lambda record: run(record, self._hold(records))):
            processor.process()
        ids = {failure["itemIdentifier"] for failure in processor.response()["batchItemFailures"]}
        failed = [record for record in records if record["messageId"] in ids]
        first = processor.exceptions[0][1] if failed else None
        if failed and not isinstance(first, LostError):
            self._put_back(failed, getattr(first, "seconds", _DELAY_SECONDS))
        return failed

    def _hold(self, group: Sequence[Record]) -> Hold:
        """Return what hides a group. It raises LostError if any of it is another worker's.

        Those that are done are hidden, too: as long as one of a group is, none of it is delivered.
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

    def _put_back(self, records: Iterable[Record], seconds: float) -> None:
        """Let messages be delivered again so late; as long as one of a group is hidden, none of it is delivered."""
        for record in records:
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=round(seconds)
            )
