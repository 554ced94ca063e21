"""Whatever comes in, every action answers with a documented outcome; through to a Stigg and tables in memory."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stigg_actions.errors import ActionError
from tests.support.drawn import drawn
from tests.support.fakes import (
    Answer,
    Handler,
    ScriptedStigg,
    WillingStigg,
)
from tests.support.in_memory import deployed
from tests.support.some import some
from tests.support.valid_requests import BY_ACTION, JSON, PLAUSIBLE, Body, spoiled

ORG = "00D000000000001EAA"
REFUSED = {400, 403, 404, 409, 422, 429}
UNLUCKY = {503, 504}
EVERY_ACTION = pytest.mark.parametrize("action", BY_ACTION)
ANY_TEXT = st.text(max_size=50) | JSON.map(json.dumps)
BODIES = JSON.map(json.dumps) | JSON.map(lambda value: json.dumps({"data": value})) | st.text(max_size=20)
STATUSES = st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503])
ERRORS: st.SearchStrategy[Answer | Exception] = st.sampled_from(
    [httpx.ConnectError("refused"), httpx.ReadError("reset")]
)
ANSWERS = st.lists(st.builds(Answer, STATUSES, BODIES) | ERRORS, min_size=1, max_size=4)
"""Answers of any status with any body, and network errors."""
type Call = Callable[[Any], Any]


@contextmanager
def deployment(action: str, stigg: Handler | None = None) -> Iterator[Call]:
    """Deploy an action in memory; return its handler."""
    with deployed(action, stigg or WillingStigg()) as handler:
        yield lambda event: handler(event, None)


def status_of(call: Call, body: object) -> int:
    """Call through API Gateway; the answer must keep to the envelope."""
    text = body if isinstance(body, str) else json.dumps(body)
    answer = call({"httpMethod": "POST", "requestContext": {}, "headers": None, "body": text})
    envelope = json.loads(answer["body"])

    assert envelope["success"] is (answer["statusCode"] == 200) or envelope["errorCode"]
    assert envelope["correlationId"]
    status: int = answer["statusCode"]
    return status


@EVERY_ACTION
def test_good_requests(action: str) -> None:
    """Requests that use every field succeed, and so do their repetitions."""
    for body in some(BY_ACTION[action]):
        with deployment(action) as call:
            assert [status_of(call, body) for _ in range(2)] == [200, 200]


@EVERY_ACTION
def test_any_text(action: str) -> None:
    """Any text is answered as a bad request."""
    with deployment(action) as call:
        for text in some(drawn(ANY_TEXT, 30)):
            assert status_of(call, text) == 400, text


@EVERY_ACTION
def test_any_event(action: str) -> None:
    """Any direct event succeeds or raises a documented category."""
    with deployment(action) as call:
        for event in some(drawn(JSON, 30)):
            with pytest.raises(ActionError) as raised:
                call(event)
            assert raised.value.http_status == 400, event


@EVERY_ACTION
def test_spoiled_requests(action: str) -> None:
    """A good request with anything wrong in it is carried out or refused, alike by both doors; it breaks nothing."""

    @settings(max_examples=30)
    @given(spoiled(BY_ACTION[action], PLAUSIBLE | JSON))
    def holds(body: Body) -> None:
        with deployment(action) as call:
            status = status_of(call, json.dumps(body))

            assert status in {200} | REFUSED
            assert invoked(call, body) == status

    holds()


def invoked(call: Call, body: Body) -> int:
    """Call directly; return the status that API Gateway would answer with."""
    try:
        assert call(body)["correlationId"]
    except ActionError as error:
        return error.http_status
    return 200


@EVERY_ACTION
def test_any_stigg(action: str) -> None:
    """Whatever Stigg answers, the caller gets a documented answer."""
    for body, answers in some(zip(cycle(BY_ACTION[action]), drawn(ANSWERS, 30), strict=False)):
        with deployment(action, ScriptedStigg(*answers)) as call:
            assert status_of(call, body) in {200, 500} | REFUSED | UNLUCKY
