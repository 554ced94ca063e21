"""Event files, sent the way their names say: events/<action>/<caller>.<case>.json.

`api` is an API Gateway proxy event whose body is sent signed over HTTP; `direct` is a body that is invoked with.
A case that starts with `bad-` is refused; every other succeeds. Each action gets the first of each sort by its route
and invoked directly: what every file comes to is in tests/every_action/test_event_files.py.
"""

import json
from typing import Any

import pytest

from local.events import Event, events
from local.stack import LocalStack
from tests.support.calls import call_api, invoke


def firsts(caller: str) -> list[Event]:
    """Return the first good event and the first bad one of each action."""
    found: dict[tuple[str, bool], Event] = {}
    for event in events(caller):
        found.setdefault((event.action, event.is_refused), event)
    return list(found.values())


def _prepare(stack: LocalStack, event: Event) -> None:
    """Let the customer or subscription that the event is about exist, unless making it is the event's own matter."""
    for action, request in event.earlier():
        _succeed(stack, action, request)
    event.arrange(stack.stigg)


def _succeed(stack: LocalStack, action: str, request: dict[str, Any]) -> None:
    succeeded, answer = invoke(stack, action, json.dumps(request))

    assert succeeded, answer


@pytest.mark.parametrize("event", firsts("api"), ids=str)
def test_api_event(fresh_stack: LocalStack, event: Event) -> None:
    """Over HTTP an action answers 200 and success, or a 4xx in the error envelope."""
    _prepare(fresh_stack, event)
    response = call_api(fresh_stack, event.action, event.body)

    if event.is_refused:
        assert 400 <= response.status_code < 500, response.text
        assert response.json()["errorMessage"].startswith(response.json()["errorCode"])
    else:
        assert (response.status_code, response.json()["success"]) == (200, True), response.text


@pytest.mark.parametrize("event", firsts("direct"), ids=str)
def test_direct_event(fresh_stack: LocalStack, event: Event) -> None:
    """Invoked directly an action returns its answer, or raises with the error envelope as its message.

    ministack calls every raised error `Runtime.HandlerError`; on AWS its type is the exception's class. And it starts a
    new process after every raised error, so the call after one is a cold start.
    """
    _prepare(fresh_stack, event)
    succeeded, answer = invoke(fresh_stack, event.action, event.body)

    assert succeeded is not event.is_refused, answer
    envelope = answer if succeeded else json.loads(answer["errorMessage"])
    assert envelope["success"] is succeeded
