"""Stigg's webhooks in this process: the door with a queue in memory, and the follower over the harness's tables."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast, override

from local.stack.template import WEBHOOKS, table_schema
from stigg_actions.deps import Container
from stigg_actions.entrypoints.webhook import WebhookReceiver, webhook_receiver
from stigg_actions.entrypoints.webhook_queue import WebhookContainer, webhook_consumer
from stigg_actions.events.event import event_of
from stigg_actions.sqs_fifo import FifoProcessor
from stigg_actions.webhooks.queue import WebhookQueue
from stigg_actions.webhooks.secret_check import SecretCheck
from tests.support.fakes import FakeClock, FakeSecretsManager, aws_error, secret_text, webhook_secrets_of
from tests.support.harness import Harness, Reply
from tests.support.queues import TwoMinutes
from tests.support.roles import acting_as

SECRET = "whsec-first"
HEADER = "Stigg-Webhooks-Secret"


class FakeQueue:
    """SQS, FIFO: takes messages, drops those that it has already, and fails so many calls first."""

    def __init__(self, failures: int = 0, given: list[dict[str, Any]] | None = None) -> None:
        self._given = given
        self.messages: dict[str, dict[str, str]] = {}
        self.sent = 0
        self.hidden_for: list[int] = []
        self._failures = failures

    def send_message(self, **message: str) -> dict[str, str]:
        """Take a message."""
        self.sent += 1
        if self.sent <= self._failures:
            raise aws_error("ServiceUnavailable")
        self.messages.setdefault(message["MessageDeduplicationId"], message)
        return {}

    def change_message_visibility(self, **arguments: Any) -> None:  # noqa: ANN401 - boto3's own
        """Note for how long a message is hidden."""
        self.hidden_for.append(arguments["VisibilityTimeout"])

    def records(self, deliveries: int = 1) -> list[dict[str, Any]]:
        """Return all messages as records of an event, each delivered so often by now; or the records it was given."""
        if self._given is not None:
            return self._given
        return [
            {
                "messageId": key,
                "receiptHandle": key,
                "body": message["MessageBody"],
                "attributes": {"MessageGroupId": message["MessageGroupId"], "ApproximateReceiveCount": str(deliveries)},
            }
            for key, message in self.messages.items()
        ]


@dataclass
class Doorway:
    """A door, the Secrets Manager and the queue behind it."""

    manager: FakeSecretsManager = field(default_factory=lambda: FakeSecretsManager(secret_text(webhookSecret=SECRET)))
    clock: FakeClock = field(default_factory=FakeClock)
    queue: FakeQueue = field(default_factory=FakeQueue)

    def __post_init__(self) -> None:
        trust = SecretCheck(webhook_secrets_of(self.manager, self.clock), self.clock)
        self.door = WebhookReceiver(trust, WebhookQueue(cast("Any", self.queue), "https://sqs.example/webhooks.fifo"))

    def post(self, body: object, headers: dict[str, str] | None = None) -> Reply:
        """Deliver a body, under the secret unless other headers are given."""
        text = body if isinstance(body, str) else json.dumps(body)
        given = {HEADER: SECRET} if headers is None else headers
        event = {"httpMethod": "POST", "requestContext": {}, "headers": given, "body": text}
        answer = webhook_receiver(lambda: self.door)(event, None)
        return Reply(answer["statusCode"], json.loads(answer["body"]))


class UnderItsRole(WebhookContainer):
    """What follows webhooks, under the role of its function."""

    @override
    def follow(self, record: Mapping[str, Any], seconds: float) -> None:
        """Follow one message."""
        with acting_as("HandleWebhookFunction"):
            super().follow(record, seconds)


@dataclass
class Webhooks:
    """What follows webhooks, over the tables of a harness."""

    actions: Harness
    table: str

    def deliver(self, *bodies: dict[str, Any], container: Container | None = None, deliveries: int = 1) -> list[str]:
        """Let webhooks in and follow them, in this order; return the keys of those that are to come again."""
        failed: list[str] = []
        for body in bodies:
            doorway = Doorway()
            assert doorway.post(body).status == 200
            failed += self.follow(doorway.queue, container, deliveries)
        return failed

    def follow(self, queue: FakeQueue, container: Container | None = None, deliveries: int = 1) -> list[str]:
        """Follow what waits in a queue; return the keys of those that are to come again."""
        hooked = UnderItsRole(
            container or self.actions.warm, FifoProcessor(cast("Any", queue), queue_url="webhooks"), self.table
        )
        reported = webhook_consumer(lambda: hooked)(
            {"Records": queue.records(deliveries)}, TwoMinutes(self.actions.clock, 28)
        )
        return [one["itemIdentifier"] for one in reported["batchItemFailures"]]

    def events(self) -> list[dict[str, Any]]:
        """Return Stigg's own webhooks so far, as the emulator words them."""
        return [dict(event) for event in self.actions.emulator.state()["events"]]

    def forget(self) -> None:
        """Forget what was followed."""
        self.actions.tables.delete(self.table, ("message_key",), self.actions.tables.items(self.table))

    def published(self) -> list[dict[str, Any]]:
        """Return what the table's stream would tell on the bus, in no order."""
        return [
            {"detail-type": event.detail_type, **event.detail}
            for item in self.actions.tables.items(self.table)
            for event in [event_of({"dynamodb": {"NewImage": item}}, "development")]
        ]


@contextmanager
def followed_webhooks(actions: Harness) -> Iterator[Webhooks]:
    """Make the table of webhooks anew for a test."""
    client, name = actions.tables.client, f"webhooks-{uuid.uuid4().hex}"
    client.create_table(**table_schema(WEBHOOKS, name=name))
    yield Webhooks(actions, name)
    client.delete_table(TableName=name)


def nested(event: dict[str, Any]) -> dict[str, Any]:
    """Return a flat webhook in Stigg's other form: its entity under ``data``."""
    envelope = {"type", "messageId", "traceId", "timestamp", "accountId", "environmentId", "entityId"}
    entity = {name: value for name, value in event.items() if name not in envelope}
    return {
        "messageId": event["messageId"],
        "type": event["type"],
        "createdAt": event.get("timestamp"),
        "data": entity,
    }


def another(event: dict[str, Any], kind: str, **changes: object) -> dict[str, Any]:
    """Return a webhook of another kind about the same thing, under a message id of its own."""
    return {**event, "type": kind, "messageId": uuid.uuid4().hex, **changes}
