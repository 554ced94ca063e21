"""SQS and Lambda for batches, in this process: the queues, their event source, and clients with faults."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from stigg_actions.batches.action_invoker import ActionInvoker
from stigg_actions.clock import Clock
from stigg_actions.entrypoints.batch_queue import WorkerContainer, queue_consumer
from stigg_actions.errors import ActionError
from stigg_actions.settings import Settings
from stigg_actions.sqs_fifo import FifoProcessor
from tests.support.aws import Aws
from tests.support.roles import GuardedDynamoDB

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

type Invoke = Callable[[str, Any], Any]

FUNCTION_NAME_PREFIX = "stack-"


@dataclass
class InProcessLambda:
    """The Lambda API, reduced to Invoke: runs the action in this process, and notes what was run."""

    run: Invoke
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - boto3's own names
        """Run an action, and return its answer, or what it raised, as Lambda does."""
        action, event = FunctionName.removeprefix(FUNCTION_NAME_PREFIX), json.loads(Payload)
        self.invoked.append((action, event))
        try:
            return _payload(self.run(action, event))
        except ActionError as error:
            raised = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {**_payload(raised), "FunctionError": "Unhandled"}


def _payload(body: object) -> dict[str, Any]:
    return {"Payload": io.BytesIO(json.dumps(body).encode())}


class TwoMinutes:
    """What the Lambda runtime tells of an invocation of the worker."""

    def __init__(self, clock: Clock, seconds: float = 120) -> None:
        self._clock = clock
        self._until = clock.now() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return round((self._until - self._clock.now()) * 1000)


@dataclass
class EventSource:
    """The queue's event source: hands messages to the worker, and deletes those that it does not tell as failed."""

    sqs: "SQSClient"
    dynamodb: "DynamoDBClient"
    settings: Settings
    clock: Clock
    given_up_url: str
    aws_lambda: Any  # an InProcessLambda, or another client in its place

    def run(self, most: int = 100) -> None:
        """Deliver until nothing is to be delivered now, or so often."""
        for _ in range(most):
            if not self.deliver():
                return

    def deliver(self, *, seconds: float = 120, keep: bool = False) -> list[dict[str, Any]]:
        """Deliver once, to a worker with so many seconds; messages that are kept will be delivered again."""
        records = self.receive()
        if records:
            self.handle(records, seconds=seconds, keep=keep)
        return records

    def receive(self) -> list[dict[str, Any]]:
        """Receive up to ten messages as the event's records."""
        answer = self.sqs.receive_message(
            QueueUrl=self.settings.batch_queue_url, MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            for message in answer.get("Messages", ())
        ]

    def handle(self, records: list[dict[str, Any]], *, seconds: float = 120, keep: bool = False) -> Any:  # noqa: ANN401
        """Hand records to the worker, delete what did not fail, and return the worker's answer."""
        handler = queue_consumer(lambda: self.container)
        reported = handler({"Records": records}, TwoMinutes(self.clock, seconds))
        failed = {failure["itemIdentifier"] for failure in reported["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in failed and not keep:
                self.sqs.delete_message(QueueUrl=self.settings.batch_queue_url, ReceiptHandle=record["receiptHandle"])
        return reported

    @property
    def container(self) -> WorkerContainer:
        """What the worker works with."""
        return WorkerContainer(
            self.settings,
            cast("Any", GuardedDynamoDB(self.dynamodb, "RunBatchFunction")),
            ActionInvoker(cast("Any", self.aws_lambda), FUNCTION_NAME_PREFIX),
            FifoProcessor(self.sqs, queue_url=self.settings.batch_queue_url, given_up_url=self.given_up_url),
            self.clock,
        )

    def given_up(self) -> list[dict[str, Any]]:
        """Receive what waits in the queue of what was given up."""
        answer = self.sqs.receive_message(
            QueueUrl=self.given_up_url, MaxNumberOfMessages=10, AttributeNames=["All"], VisibilityTimeout=0
        )
        return [dict(message) for message in answer.get("Messages", ())]

    def redrive(self) -> None:
        """Send again what was given up, as `aws sqs start-message-move-task` does."""
        for message in self.given_up():
            self.sqs.send_message(
                QueueUrl=self.settings.batch_queue_url,
                MessageBody=message["Body"],
                MessageGroupId=message["Attributes"]["MessageGroupId"],
                MessageDeduplicationId=message["MessageId"],
            )


class HidingSqs:
    """An SQS client that notes for how long messages are hidden: those put back, and those held while they are run."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - a client
        self._client = client
        self.delays: list[int] = []
        self.held: list[list[int]] = []

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        """Return any operation."""
        return getattr(self._client, operation)

    def change_message_visibility(self, **arguments: Any) -> None:  # noqa: ANN401 - as boto3's
        """Note the time."""
        self.delays.append(arguments["VisibilityTimeout"])

    def change_message_visibility_batch(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3's
        """Note the times, and say that the messages are held."""
        self.held.append([entry["VisibilityTimeout"] for entry in arguments["Entries"]])
        return {"Successful": [{"Id": entry["Id"]} for entry in arguments["Entries"]]}


class FussySqs:
    """An SQS client that does not take the first message of its first calls, but those beside it."""

    def __init__(self, client: "SQSClient", times: int) -> None:
        self._client = client
        self._times = times

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - boto3's own names
        """Send all, or all but the first."""
        self._times -= 1
        if self._times < 0:
            return dict(self._client.send_message_batch(QueueUrl=QueueUrl, Entries=Entries))
        if Entries[1:]:
            self._client.send_message_batch(QueueUrl=QueueUrl, Entries=Entries[1:])
        return {"Failed": [{"Id": Entries[0]["Id"]}]}


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
