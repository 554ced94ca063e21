"""The entry point of the event publisher: the streams of the DynamoDB tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.events.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stigg_actions.entrypoints.callers import Handler
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from stigg_actions import deps, observability
from stigg_actions.events.event import event_of
from stigg_actions.settings import required, settings_from


def stream_consumer(publisher: Callable[[], Publisher]) -> Handler:
    """Return the handler of a DynamoDB event source whose changes become events."""

    def handler(event: Mapping[str, Any], _context: Any) -> None:
        kept = publisher()
        events = [event_of(record, kept.environment, kept.time_zone) for record in event["Records"]]
        kept.publish(events)
        observability.record_published(len(events))

    return handler


@cache
def publisher() -> Publisher:
    """Return this process's publisher. Raises Misconfigured."""
    observability.silence_libraries()
    bus = required(os.environ, "EVENT_BUS_NAME")
    settings = settings_from()
    return Publisher(settings.environment, bus, boto3.client("events", config=deps.AWS), settings.time_zone)
