"""Publish events on the EventBridge bus."""

from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.events.event import SOURCE, Event
from stigg_actions.settings import UTC_NAME

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


_EVENTS_OF_A_CALL = 10


class NotPublishedError(Exception):
    """EventBridge did not accept all events. The stream delivers all of them again."""


class Publisher(NamedTuple):
    """The objects that a process keeps between invocations of the publisher."""

    environment: str
    bus: str
    client: "EventBridgeClient"
    time_zone: str = UTC_NAME

    def publish(self, events: list[Event]) -> None:
        """Put events on the bus.

        Raises:
            NotPublishedError: EventBridge did not accept all of them.
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
