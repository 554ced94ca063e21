"""SQS with queues that are made when they are first used: most tests use none of theirs."""

from collections.abc import Callable
from typing import Any

from tests.support.aws import Aws


class Queues:
    """A client of SQS in a stand-in that checks no signatures. A FIFO queue of any name is there once it is used."""

    def __init__(self, aws: Aws) -> None:
        self._sqs = aws.plain("sqs")
        self._account = f"{aws.url}/000000000000"
        self._made: set[str] = set()

    def close(self) -> None:
        """Close the connections that are kept."""
        self._sqs.close()

    def url(self, name: str) -> str:
        """Return the URL that a queue of this name has."""
        return f"{self._account}/{name}.fifo"

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Return an operation by boto3's name, of a queue that is made if need be."""

        def call(*, QueueUrl: str, **arguments: Any) -> Any:  # noqa: ANN401, N803 - any operation's arguments, as boto3's
            if QueueUrl not in self._made:
                name = QueueUrl.rpartition("/")[2]
                made = self._sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
                assert made == QueueUrl
                self._made.add(QueueUrl)
            return getattr(self._sqs, operation)(QueueUrl=QueueUrl, **arguments)

        return call
