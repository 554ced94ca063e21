"""Whatever comes in, every action answers with a documented outcome; through to a Stigg and tables in memory."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stigg_actions.errors import ActionError
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
THIRTY_TIMES = settings(max_examples=30)
ANY_TEXT = st.text(max_size=50) | JSON.map(json.dumps)
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


@cache
def drawn(values: st.SearchStrategy[Any]) -> list[Any]:
    """Draw values once for all actions of this process; each would get the same ones."""
    found: list[Any] = []

    @THIRTY_TIMES
    @given(values)
    def take(value: object) -> None:
        found.append(value)

    take()
    return found


@EVERY_ACTION
def test_any_text(action: str) -> None:
    """Any text is answered as a bad request."""
    with deployment(action) as call:
        for text in some(drawn(ANY_TEXT)):
            assert status_of(call, text) == 400, text


@EVERY_ACTION
def test_any_event(action: str) -> None:
    """Any direct event succeeds or raises a documented category."""
    with deployment(action) as call:
        for event in some(drawn(JSON)):
            with pytest.raises(ActionError) as raised:
                call(event)
            assert raised.value.http_status == 400, event


@EVERY_ACTION
def test_spoiled_requests(action: str) -> None:
    """A good request with anything wrong in it is carried out or refused; it never breaks anything."""

    @THIRTY_TIMES
    @given(spoiled(BY_ACTION[action], PLAUSIBLE | JSON))
    def holds(body: Body) -> None:
        with deployment(action) as call:
            assert status_of(call, json.dumps(body)) in {200} | REFUSED

    holds()


@EVERY_ACTION
def test_spoiled_events(action: str) -> None:
    """A direct caller meets the documented categories only."""

    @THIRTY_TIMES
    @given(spoiled(BY_ACTION[action], PLAUSIBLE | JSON))
    def holds(body: Body) -> None:
        with deployment(action) as call:
            try:
                assert call(body)["correlationId"]
            except ActionError as error:
                assert error.http_status in REFUSED  # noqa: PT017 - either is fine

    holds()


@EVERY_ACTION
def test_any_stigg(action: str) -> None:
    """Whatever Stigg answers, the caller gets a documented answer."""

    @THIRTY_TIMES
    @given(st.sampled_from(BY_ACTION[action]), st.lists(_answers(), min_size=1, max_size=4))
    def holds(body: Body, answers: list[Answer | Exception]) -> None:
        with deployment(action, ScriptedStigg(*answers)) as call:
            assert status_of(call, body) in {200, 500} | REFUSED | UNLUCKY

    holds()


def _answers() -> st.SearchStrategy[Answer | Exception]:
    """Make answers of any status with any body, and network errors."""
    bodies = JSON.map(json.dumps) | JSON.map(lambda value: json.dumps({"data": value})) | st.text(max_size=20)
    statuses = st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503])
    errors = st.sampled_from([httpx.ConnectError("refused"), httpx.ReadError("reset")])
    return st.builds(Answer, statuses, bodies) | errors
