"""The entry point of the batch worker: an SQS queue whose messages name requests of batches."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config

from stigg_actions import deps, observability
from stigg_actions.batches.action_invoker import ActionInvoker
from stigg_actions.batches.rate_limiter import RateLimiter
from stigg_actions.batches.store import BatchStore
from stigg_actions.batches.worker import Worker
from stigg_actions.clock import Clock, Deadline, SystemClock
from stigg_actions.settings import Settings, required, settings_from
from stigg_actions.sqs_fifo import FifoProcessor
from stigg_actions.storage.dynamodb import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from stigg_actions.entrypoints.callers import Handler


_FUNCTIONS = Config(connect_timeout=1.0, read_timeout=30.0, retries={"total_max_attempts": 1})
"""An action answers within 28 s. The queue decides about another call."""


class WorkerContainer(NamedTuple):
    """The objects that a process keeps between invocations of the worker."""

    settings: Settings
    dynamodb: DynamoDBClient
    functions: ActionInvoker
    deliveries: FifoProcessor
    clock: Clock

    def worker(self, seconds: float) -> Worker:
        """Return a worker that has the given time."""
        deadline = Deadline.after(self.clock, seconds)
        database = Database(self.dynamodb, deadline)
        store = BatchStore(database, self.settings, self.clock)
        pace = RateLimiter(database, self.settings, self.clock)
        return Worker(store, self.functions, pace, self.deliveries, self.clock, deadline)


def queue_consumer(container: Callable[[], WorkerContainer]) -> Handler:
    """Return the handler of an SQS event source whose messages name requests of batches."""

    def handler(event: Mapping[str, Any], context: Any) -> Any:
        kept = container()
        worker = kept.worker(context.get_remaining_time_in_millis() / 1000)
        return kept.deliveries.process(event["Records"], worker.run)

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
        ActionInvoker(boto3.client("lambda", config=_FUNCTIONS), required(os.environ, "FUNCTION_NAME_PREFIX")),
        FifoProcessor(sqs, queue_url=settings.batch_queue_url, given_up_url=given_up_url),
        SystemClock(),
    )
