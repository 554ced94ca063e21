"""Every event file, sent the way its name says: events/<action>/<caller>.<case>.json.

`api` is an API Gateway proxy event whose body is sent signed over HTTP; `direct` is a body that is invoked with.
A case that starts with `bad-` is refused; every other succeeds.
"""

import json
from pathlib import Path

import pytest

from local.stack import LocalStack
from local.stack.template import ROOT
from tests.support.calls import call_api, invoke

EVENTS = sorted((ROOT / "events").glob("*/*.json"))


def _named(caller: str) -> list[Path]:
    return [path for path in EVENTS if path.name.startswith(f"{caller}.")]


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _action(path: Path) -> str:
    return path.parent.name.replace("_", "-")


def _expects_refusal(path: Path) -> bool:
    return path.name.split(".")[1].startswith("bad-")


def _prepare(stack: LocalStack, action: str, body: str) -> None:
    """Let the customer that the event is about exist, where creating it is not the event's own matter."""
    try:
        customer = json.loads(body).get("customerId")
    except json.JSONDecodeError:
        return
    if customer and action != "create-customer":
        succeeded, answer = invoke(stack, "create-customer", json.dumps({"customerId": customer, "name": "Acme"}))
        assert succeeded, answer


@pytest.mark.parametrize("path", _named("api"), ids=_name)
def test_api_event(fresh_stack: LocalStack, path: Path) -> None:
    """Over HTTP an action answers 200 and success, or a 4xx in the error envelope."""
    body = json.loads(path.read_text())["body"]
    _prepare(fresh_stack, _action(path), body)
    response = call_api(fresh_stack, _action(path), body)

    if _expects_refusal(path):
        assert 400 <= response.status_code < 500, response.text
        assert response.json()["errorMessage"].startswith(response.json()["errorCode"])
    else:
        assert (response.status_code, response.json()["success"]) == (200, True), response.text


@pytest.mark.parametrize("path", _named("direct"), ids=_name)
def test_direct_event(fresh_stack: LocalStack, path: Path) -> None:
    """Invoked directly an action returns its answer, or raises with the error envelope as its message.

    ministack calls every raised error `Runtime.HandlerError`; on AWS its type is the exception's class.
    """
    _prepare(fresh_stack, _action(path), path.read_text())
    succeeded, answer = invoke(fresh_stack, _action(path), path.read_text())

    assert succeeded is not _expects_refusal(path), answer
    envelope = answer if succeeded else json.loads(answer["errorMessage"])
    assert envelope["success"] is succeeded
