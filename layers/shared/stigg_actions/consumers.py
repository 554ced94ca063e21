"""The ways in from AWS itself: the queues of batches and of webhooks, and the streams of the tables."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config

from stigg_actions import decimal_json, deps, observability
from stigg_actions.batches.delivery import Deliveries
from stigg_actions.batches.functions import Functions
from stigg_actions.batches.pace import Pace
from stigg_actions.batches.store import BatchStore
from stigg_actions.batches.worker import Worker
from stigg_actions.clock import Clock, Deadline, SystemClock
from stigg_actions.deps import Container
from stigg_actions.dynamodb import Database
from stigg_actions.errors import ActionError
from stigg_actions.events import SOURCE, Event, event_of
from stigg_actions.settings import Settings, required, settings_from
from stigg_actions.webhooks.following import Follower
from stigg_actions.webhooks.later import DeliverAgainError, LaterError
from stigg_actions.webhooks.notice import Notice
from stigg_actions.webhooks.store import WebhookStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


type Handler = Callable[[Any, Any], Any]

_FUNCTIONS = Config(connect_timeout=1.0, read_timeout=30.0, retries={"total_max_attempts": 1})
"""An action answers within 28 s; calling it again is for the queue to decide."""

_EVENTS_OF_A_CALL = 10
_RESERVED_SECONDS = 3.0
"""To put a message back into the queue."""


class NotPublishedError(Exception):
    """EventBridge did not take all events; the stream delivers all of them again."""


class WorkerContainer(NamedTuple):
    """What outlives a run of the worker."""

    settings: Settings
    dynamodb: "DynamoDBClient"
    functions: Functions
    deliveries: Deliveries
    clock: Clock

    def worker(self, seconds: float) -> Worker:
        """Return a worker for so many seconds."""
        deadline = Deadline.after(self.clock, seconds)
        database = Database(self.dynamodb, deadline)
        store = BatchStore(database, self.settings, self.clock)
        pace = Pace(database, self.settings, self.clock)
        return Worker(store, self.functions, pace, self.deliveries, self.clock, deadline)


class Publisher(NamedTuple):
    """What outlives a run of the publisher."""

    environment: str
    bus: str
    client: "EventBridgeClient"

    def publish(self, events: list[Event]) -> None:
        """Put events on the bus.

        Raises:
            NotPublishedError: some were not taken.
        """
        for part in batched(events, _EVENTS_OF_A_CALL, strict=False):
            if self.client.put_events(Entries=[self._entry(event) for event in part])["FailedEntryCount"]:
                raise NotPublishedError

    def _entry(self, event: Event) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self.bus,
            "Source": SOURCE,
            "DetailType": event.detail_type,
            "Time": event.at,
            "Detail": decimal_json.dumps(event.detail),
        }


def queue_consumer(container: Callable[[], WorkerContainer]) -> Handler:
    """Return the handler of an SQS event source whose messages name requests of batches."""

    def handler(event: Mapping[str, Any], context: Any) -> Any:  # noqa: ANN401 - the runtime's own
        working_with = container()
        worker = working_with.worker(context.get_remaining_time_in_millis() / 1000)
        return working_with.deliveries.process(event["Records"], worker.run)

    return handler


class WebhookContainer(NamedTuple):
    """What outlives a run of the function that follows webhooks."""

    container: Container
    deliveries: Deliveries
    table: str

    def follow(self, record: Mapping[str, Any], seconds: float) -> None:
        """Follow one message of the queue within so many seconds.

        Raises:
            DeliverAgainError: it cannot be followed now.
        """
        notice = Notice.from_text(record["body"])
        working_with = self.container.deps(correlation_id=notice.key, seconds=seconds)
        store = WebhookStore(working_with.database, self.table, working_with.clock)
        try:
            Follower(working_with, store).follow(notice)
        except (LaterError, ActionError) as error:
            observability.record_later(notice.key, error)
            raise DeliverAgainError(int(record["attributes"]["ApproximateReceiveCount"])) from error


def webhook_consumer(container: Callable[[], WebhookContainer]) -> Handler:
    """Return the handler of an SQS event source whose messages name what Stigg's webhooks told of."""

    def handler(event: Mapping[str, Any], context: Any) -> Any:  # noqa: ANN401 - the runtime's own
        working_with = container()
        seconds = context.get_remaining_time_in_millis() / 1000 - _RESERVED_SECONDS
        return working_with.deliveries.process(event["Records"], lambda record, _: working_with.follow(record, seconds))

    return handler


def stream_consumer(publisher: Callable[[], Publisher]) -> Handler:
    """Return the handler of a DynamoDB event source whose changes are told to others."""

    def handler(event: Mapping[str, Any], _context: Any) -> None:  # noqa: ANN401 - the runtime's own
        working_with = publisher()
        events = [event_of(record, working_with.environment) for record in event["Records"]]
        working_with.publish(events)
        observability.record_published(len(events))

    return handler


@cache
def worker_container() -> WorkerContainer:
    """Return this process's container of the worker. Raises Misconfigured."""
    observability.silence_libraries()
    settings, sqs = settings_from(), boto3.client("sqs", config=deps.AWS)
    given_up_url = required(os.environ, "GIVEN_UP_QUEUE_URL")
    return WorkerContainer(
        settings,
        boto3.client("dynamodb", config=deps.AWS),
        Functions(boto3.client("lambda", config=_FUNCTIONS), required(os.environ, "FUNCTION_NAME_PREFIX")),
        Deliveries(sqs, queue_url=settings.batch_queue_url, given_up_url=given_up_url),
        SystemClock(),
    )


@cache
def webhook_container() -> WebhookContainer:
    """Return this process's container of the function that follows webhooks. Raises Misconfigured."""
    queue_url = required(os.environ, "WEBHOOK_QUEUE_URL")
    deliveries = Deliveries(boto3.client("sqs", config=deps.AWS), queue_url=queue_url)
    return WebhookContainer(deps.container(), deliveries, required(os.environ, "WEBHOOKS_TABLE"))


@cache
def publisher() -> Publisher:
    """Return this process's publisher. Raises Misconfigured."""
    observability.silence_libraries()
    bus = required(os.environ, "EVENT_BUS_NAME")
    return Publisher(settings_from().environment, bus, boto3.client("events", config=deps.AWS))
