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
"""The time that returning a message to the queue takes."""


class WebhookContainer(NamedTuple):
    """The objects that a process keeps between invocations of the webhook worker."""

    container: Container
    deliveries: FifoProcessor
    table: str

    def follow(self, record: Mapping[str, Any], seconds: float) -> None:
        """Handle one message of the queue within the given time.

        Raises:
            DeliverAgainError: the message cannot be handled now.
        """
        message = WebhookMessage.from_text(record["body"])
        dependencies = self.container.deps(correlation_id=message.key, seconds=seconds)
        store = WebhookStore(dependencies.database, self.table, dependencies.clock)
        try:
            MessageHandler(dependencies, store).follow(message)
        except (LaterError, ActionError) as error:
            observability.record_later(message.key, error)
            raise DeliverAgainError(int(record["attributes"]["ApproximateReceiveCount"])) from error


def webhook_consumer(container: Callable[[], WebhookContainer]) -> Handler:
    """Return the handler of an SQS event source whose messages came with Stigg's webhooks."""

    def handler(event: Mapping[str, Any], context: Any) -> Any:
        kept = container()
        seconds = context.get_remaining_time_in_millis() / 1000 - _RESERVED_SECONDS
        return kept.deliveries.process(event["Records"], lambda record, _: kept.follow(record, seconds))

    return handler


@cache
def webhook_container() -> WebhookContainer:
    """Return this process's container of the webhook worker. Raises Misconfigured."""
    queue_url = required(os.environ, "WEBHOOK_QUEUE_URL")
    deliveries = FifoProcessor(boto3.client("sqs", config=deps.AWS), queue_url=queue_url)
    return WebhookContainer(deps.container(), deliveries, required(os.environ, "WEBHOOKS_TABLE"))
