"""The ways in from AWS itself."""

from typing import Any, cast

import pytest

from stigg_actions.entrypoints import batch_queue, event_stream, webhook, webhook_queue
from stigg_actions.entrypoints.event_stream import stream_consumer
from stigg_actions.errors import Misconfigured
from stigg_actions.events.publisher import NotPublishedError, Publisher
from stigg_actions.storage.operation import operation_item
from tests.support.fakes import FakeEventBridge
from tests.unit.events.test_event import OPERATION, record
from tests.unit.test_settings import VARIABLES


def publish(room: int, events: int) -> list[list[Any]]:
    """Let the publisher publish; return the calls to the bus."""
    bus = FakeEventBridge(room)
    handler = stream_consumer(lambda: Publisher("development", "the-bus", cast("Any", bus)))
    handler({"Records": [record(operation_item(OPERATION))] * events}, None)
    return bus.calls


def test_events_are_put_ten_at_a_time() -> None:
    """Every record becomes an event, as many in a call as EventBridge takes."""
    calls = publish(room=25, events=25)

    assert [len(entries) for entries in calls] == [10, 10, 5]
    assert (calls[0][0]["EventBusName"], calls[0][0]["Source"]) == ("the-bus", "stigg-actions")
    assert calls[0][0]["DetailType"] == "Subscription Provisioned"
    assert calls[0][0]["Time"].isoformat() == "2027-01-15T08:00:05+00:00"


def test_what_is_not_taken_comes_again() -> None:
    """If EventBridge does not take all, the run fails, and the stream delivers everything again."""
    with pytest.raises(NotPublishedError):
        publish(room=15, events=16)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process that has made nothing yet, in a deployment's environment."""
    own = {"FUNCTION_NAME_PREFIX": "stack-", "GIVEN_UP_QUEUE_URL": "https://sqs.example/u", "EVENT_BUS_NAME": "bus"}
    own |= {"WEBHOOK_QUEUE_URL": "https://sqs.example/w.fifo", "WEBHOOKS_TABLE": "webhooks"}
    own |= {"WEBHOOK_SECRET_ID": "the-webhooks-secret"}
    for name, value in {**VARIABLES, **own, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize(
    ("make", "variable"),
    [
        (batch_queue.worker_container, "GIVEN_UP_QUEUE_URL"),
        (event_stream.publisher, "EVENT_BUS_NAME"),
        (webhook_queue.webhook_container, "WEBHOOKS_TABLE"),
        (webhook.receiver, "WEBHOOK_QUEUE_URL"),
        (webhook.receiver, "WEBHOOK_SECRET_ID"),
    ],
)
def test_made_once(process: pytest.MonkeyPatch, make: Any, variable: str) -> None:  # noqa: ANN401 - either
    """A process makes what a consumer works with on first use, and once; what is missing is told."""
    make.cache_clear()
    process.delenv(variable)
    with pytest.raises(Misconfigured, match=f"{variable} is not set"):
        make()
    process.setenv(variable, "https://x.example")

    assert make() is make()
    make.cache_clear()
