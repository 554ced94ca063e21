"""scripts/call: what it takes out of a file."""

import json

import pytest

from local.events import Event, events
from scripts.call import read


@pytest.mark.parametrize("event", events("api"), ids=str)
def test_api_events_are_opened(event: Event) -> None:
    """Of an API Gateway event, the body is sent under the event's correlation id."""
    sent = read(str(event.path))
    named = {name.lower(): value for name, value in event.content["headers"].items()}.get("x-correlation-id")

    assert sent.body == event.body
    assert sent.headers == ({"X-Correlation-Id": named} if named else {})


@pytest.mark.parametrize("event", events("direct"), ids=str)
def test_bodies_are_sent_as_they_are(event: Event) -> None:
    """A file of a direct call is the body itself."""
    sent = read(str(event.path))

    assert json.loads(sent.body) == event.content
    assert sent.headers == {}
