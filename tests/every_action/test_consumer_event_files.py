"""The event files of the functions that AWS feeds: what their handlers make of them."""

import json
from copy import replace
from typing import Any, cast

import pytest

from local.events import FEEDS, event, events
from local.stigg_emulator.webhooks import LOCAL_SECRET
from stigg_actions.entrypoints.event_stream import stream_consumer
from stigg_actions.entrypoints.webhook import webhook_receiver
from stigg_actions.events.publisher import Publisher
from tests.support.fakes import FakeEventBridge, FakeSecretsManager, secret_text
from tests.support.harness import Harness
from tests.support.queues import HidingSqs
from tests.support.webhooks import Doorway, FakeQueue, followed_webhooks

WEBHOOKS = {
    "receive_webhook/webhook.flat": (200, "queued"),
    "receive_webhook/webhook.nested": (200, "queued"),
    "receive_webhook/webhook.unknown-type": (200, "queued"),
    "receive_webhook/webhook.bad-no-secret": (403, "WEBHOOK_REFUSED"),
    "receive_webhook/webhook.bad-secret": (403, "WEBHOOK_REFUSED"),
    "receive_webhook/webhook.bad-json": (400, "INVALID_REQUEST"),
}
BATCH = "submit_batch/direct.with-key"
TOLD = {
    "publish_events/stream.settled-write": ("Subscription Provisioned", "cust-acme", None),
    "publish_events/stream.completed-batch": ("Batch Completed", None, 3),
}


def records(name: str) -> list[dict[str, Any]]:
    """The records of a file."""
    return list(event(name).content["Records"])


def handled(actions: Harness, name: str) -> tuple[list[str], list[Any]]:
    """Submit the batch that a file is about, and hand the file to the worker; return what failed, and the results."""
    actions.clock.meanwhile = list
    batch = actions.ok("submit-batch", {**json.loads(event(BATCH).body), "waitSeconds": 0})
    source = actions.event_source()
    hiding = replace(source, sqs=cast("Any", HidingSqs(actions.sqs)))
    message = hiding.handle(records(name), keep=True)
    results = actions.ok("get-batch", {"batchId": batch["batchId"]})["results"]
    return [one["itemIdentifier"] for one in message["batchItemFailures"]], results


def test_requests_of_a_batch(actions: Harness) -> None:
    """Each message has its request of the batch run."""
    failed, results = handled(actions, "run_batch/sqs.two-customers")

    assert failed == []
    assert [(one["index"], one["outcome"], one["customerId"]) for one in results] == [
        (0, "created", "cust-acme"),
        (1, "created", "cust-globex"),
    ]


def test_a_message_of_another_kind(actions: Harness) -> None:
    """A message that names no request goes back to the queue, and keeps no other group waiting."""
    failed, results = handled(actions, "run_batch/sqs.bad-message")

    assert failed == [records("run_batch/sqs.bad-message")[0]["messageId"]]
    assert [(one["index"], one["outcome"]) for one in results] == [(1, "created")]


def published(name: str) -> list[list[Any]]:
    """Hand a file to the publisher; return what it put on the bus."""
    bus = FakeEventBridge(room=10)
    stream_consumer(lambda: Publisher("development", "the-bus", cast("Any", bus)))(event(name).content, None)
    return bus.calls


@pytest.mark.parametrize(("name", "expected"), TOLD.items())
def test_what_a_stream_tells(name: str, expected: tuple[str, str | None, int | None]) -> None:
    """Each change becomes one event on the bus."""
    ((entry,),) = published(name)
    detail = json.loads(entry["Detail"])

    assert (entry["DetailType"], detail.get("customerId"), detail.get("total")) == expected


def test_a_change_of_another_kind() -> None:
    """A change of what is neither an operation nor a batch fails the run, so that Lambda keeps it for an operator."""
    with pytest.raises(KeyError):
        published("publish_events/stream.bad-other-item")


@pytest.mark.parametrize(("name", "expected"), WEBHOOKS.items())
def test_webhooks(name: str, expected: tuple[int, str]) -> None:
    """A webhook with the secret of the local environment is queued, and any other refused."""
    doorway = Doorway(FakeSecretsManager(secret_text(webhookSecret=LOCAL_SECRET)))
    answer = webhook_receiver(lambda: doorway.door)(event(name).content, None)
    body = json.loads(answer["body"])

    assert (answer["statusCode"], body.get("errorCode", body.get("outcome"))) == expected
    assert len(doorway.queue.messages) == (expected[0] == 200)


def test_a_webhook_of_the_queue(actions: Harness) -> None:
    """A message of the queue is followed; one that is none goes back, and in the end to an operator."""
    with followed_webhooks(actions) as hooks:
        good, bad = (FakeQueue(given=records(f"handle_webhook/sqs.{name}")) for name in ("canceled", "bad-message"))

        assert (len(hooks.follow(good)), len(hooks.follow(bad))) == (0, 1)
        assert [message["type"] for message in hooks.published()] == ["subscription.canceled"]


def test_every_file_is_handled() -> None:
    """No file is forgotten here."""
    here = {
        *TOLD,
        *WEBHOOKS,
        "run_batch/sqs.two-customers",
        "run_batch/sqs.bad-message",
        "publish_events/stream.bad-other-item",
        "handle_webhook/sqs.canceled",
        "handle_webhook/sqs.bad-message",
    }

    assert {str(one).removesuffix(".json") for one in events(*FEEDS)} == here
