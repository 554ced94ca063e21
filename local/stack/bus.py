"""Listening to the event bus of a deployed stack."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3

from local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_SECONDS = 30


@dataclass
class Bus:
    """What was heard on the bus, in the order in which it came."""

    sqs: "SQSClient"
    queue: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def wait_for(self, detail_type: str, *, count: int = 1, **detail: object) -> list[dict[str, Any]]:
        """Return the details of so many events of a type, once they have come; one that comes twice counts once."""
        until = time.monotonic() + LONGEST_SECONDS
        while len(found := self._found(detail_type, detail)) < count and time.monotonic() < until:
            self.listen()
        return list(found.values())

    def _found(self, detail_type: str, wanted: dict[str, Any]) -> dict[str, dict[str, Any]]:
        details = [event["detail"] for event in self.events if event["detail-type"] == detail_type]
        return {detail["eventId"]: detail for detail in details if wanted.items() <= detail.items()}

    def listen(self) -> list[dict[str, Any]]:
        """Wait up to a second for events; return up to ten that came."""
        answer = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        came = []
        for message in answer.get("Messages", ()):
            came.append(json.loads(message["Body"]))
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        self.events += came
        return came


@contextmanager
def listening(stack: LocalStack) -> Iterator[Bus]:
    """Send every event of the stack's bus to a queue, until the block ends."""
    name, bus = f"heard-{uuid.uuid4().hex}", stack.deployment.outputs["EventBusName"]
    sqs = boto3.client("sqs", **stack.ministack.client_settings())
    events = boto3.client("events", **stack.ministack.client_settings())
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({"source": ["stigg-actions"]}))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    yield Bus(sqs, queue)
    events.remove_targets(Rule=name, EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name=name, EventBusName=bus)
    sqs.delete_queue(QueueUrl=queue)
