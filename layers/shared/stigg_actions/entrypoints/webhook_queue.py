"""The entry point of the webhook worker: an SQS queue of messages that Stigg's webhooks sent."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3

from stigg_actions import deps, observability
from stigg_actions.errors import ActionError
from stigg_actions.settings import required
from stigg_actions.sqs_fifo import FifoProcessor
from stigg_actions.webhooks.errors import DeliverAgainError, LaterError
from stigg_actions.webhooks.handler import MessageHandler
from stigg_actions.webhooks.message import WebhookMessage
from stigg_actions.webhooks.store import WebhookStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stigg_actions.deps import Container
    from stigg_actions.entrypoints.callers import Handler

_RESERVED_SECONDS = 3.0
"""To put a message back into the queue."""


class WebhookContainer(NamedTuple):
    """What outlives a run of the function that follows webhooks."""

    container: Container
    deliveries: FifoProcessor
    table: str

    def follow(self, record: Mapping[str, Any], seconds: float) -> None:
        """Follow one message of the queue within so many seconds.

        Raises:
            DeliverAgainError: it cannot be followed now.
        """
        notice = WebhookMessage.from_text(record["body"])
        working_with = self.container.deps(correlation_id=notice.key, seconds=seconds)
        store = WebhookStore(working_with.database, self.table, working_with.clock)
        try:
            MessageHandler(working_with, store).follow(notice)
        except (LaterError, ActionError) as error:
            observability.record_later(notice.key, error)
            raise DeliverAgainError(int(record["attributes"]["ApproximateReceiveCount"])) from error


def webhook_consumer(container: Callable[[], WebhookContainer]) -> Handler:
    """Return the handler of an SQS event source whose messages came with Stigg's webhooks."""

    def handler(event: Mapping[str, Any], context: Any) -> Any:
        working_with = container()
        seconds = context.get_remaining_time_in_millis() / 1000 - _RESERVED_SECONDS
        return working_with.deliveries.process(event["Records"], lambda record, _: working_with.follow(record, seconds))

    return handler


@cache
def webhook_container() -> WebhookContainer:
    """Return this process's container of the function that follows webhooks. Raises Misconfigured."""
    queue_url = required(os.environ, "WEBHOOK_QUEUE_URL")
    deliveries = FifoProcessor(boto3.client("sqs", config=deps.AWS), queue_url=queue_url)
    return WebhookContainer(deps.container(), deliveries, required(os.environ, "WEBHOOKS_TABLE"))
