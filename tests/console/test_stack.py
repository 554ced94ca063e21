"""How the program names and reaches a stack, and what it says when it cannot."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from console import stack as stack_module
from console.errors import BadInputError, ConsoleError, RefusedError, UnreachableError
from console.session import pairs
from console.stack import (
    LOCAL_KEY,
    LOCAL_PORT,
    LOCAL_REGION,
    LONGEST_SECONDS,
    TRIES,
    Stack,
    Target,
    connect,
    stack_name,
)
from local.stack.deployment import STACK_NAME
from local.stack.ministack import REGION, ROOT_CREDENTIALS
from scripts import samconfig
from tests.support.expanded import of_type
from tests.support.fakes import aws_error

CONFIG = samconfig.read()
BUSY = {
    "success": False,
    "errorCode": "QUEUE_UNAVAILABLE",
    "errorMessage": "QUEUE_UNAVAILABLE: later",
    "retryable": True,
}
NO = {"success": False, "errorCode": "BATCH_NOT_FOUND", "errorMessage": "BATCH_NOT_FOUND: none", "retryable": False}


class Answers:
    """The Lambda API with these answers, in turn; the last one again and again."""

    def __init__(self, *answers: Any) -> None:  # noqa: ANN401 - answers and errors
        self._answers = list(answers)
        self.calls = 0

    def invoke(self, **_: object) -> dict[str, Any]:
        """Give the next answer."""
        self.calls += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"Payload": io.BytesIO(answer[0].encode()), **answer[1]}


def answered(body: object) -> tuple[str, dict[str, str]]:
    """An answer of a function."""
    return json.dumps(body), {}


def raised(message: str) -> tuple[str, dict[str, str]]:
    """What a function raises."""
    return json.dumps({"errorType": "Refused", "errorMessage": message}), {"FunctionError": "Unhandled"}


def stack_of(lambda_api: Answers, pauses: list[float] | None = None) -> Stack:
    """A stack over a Lambda API."""
    return Stack("s", "AWS account 1", lambda _: lambda_api, (pauses if pauses is not None else []).append)


def test_an_answer() -> None:
    """The answer of a function is returned, with exact numbers."""
    assert stack_of(Answers(('{"amount": 0.10}', {}))).call("get-batch", {}) == {"amount": Decimal("0.10")}


@pytest.mark.parametrize(
    ("answer", "error", "said", "retryable"),
    [
        (raised(json.dumps(NO)), RefusedError, "BATCH_NOT_FOUND: none", False),
        (raised(json.dumps(BUSY)), RefusedError, "QUEUE_UNAVAILABLE: later", True),
        (raised("Task timed out after 28.00 seconds"), UnreachableError, "it crashed or ran out of time", True),
        (raised("[1]"), UnreachableError, "A repeat is safe", True),
        (aws_error("AccessDeniedException"), UnreachableError, "Attach the stack's OperatorPolicy", False),
        (aws_error("ExpiredTokenException"), UnreachableError, "or sign in again", False),
        (aws_error("ResourceNotFoundException"), UnreachableError, "has no function s-get-batch", False),
        (aws_error("TooManyRequestsException"), UnreachableError, "cannot be invoked", True),
        (aws_error("InvalidRuntimeException"), UnreachableError, "cannot be invoked", False),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), UnreachableError, "cannot be reached", True),
    ],
)
def test_calls_that_fail(answer: Any, error: type[ConsoleError], said: str, retryable: bool) -> None:  # noqa: ANN401, FBT001
    """A failure is what the action says, or what an operator can do about it; and whether it may pass."""
    with pytest.raises(error, match=said) as failed:
        stack_of(Answers(answer)).call("get-batch", {})

    assert failed.value.retryable is retryable


def test_patience() -> None:
    """A failure that may pass is tried again after longer and longer pauses, and is raised after the last try."""
    pauses: list[float] = []
    passing, staying = Answers(raised(json.dumps(BUSY)), answered({"ok": True})), Answers(raised(json.dumps(BUSY)))

    assert stack_of(passing, pauses).call_patiently("submit-batch", {}) == {"ok": True}
    assert (passing.calls, pauses) == (2, [1.0])
    with pytest.raises(RefusedError):
        stack_of(staying, pauses).call_patiently("submit-batch", {})
    assert (staying.calls, pauses[1:]) == (TRIES, [1.0, 2.0, 4.0, 8.0, 16.0])


def test_no_patience() -> None:
    """A refusal is raised at once."""
    refusing = Answers(raised(json.dumps(NO)))

    with pytest.raises(RefusedError):
        stack_of(refusing).call_patiently("get-batch", {})
    assert refusing.calls == 1


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Target(env="production"), "stigg-actions-production"),
        (Target(stack="mine"), "mine"),
        (Target(local=True), STACK_NAME),
    ],
)
def test_the_named_stack(target: Target, name: str) -> None:
    """A stack is named by its section of samconfig.toml, by its own name, or as the local one."""
    assert stack_name(target, CONFIG) == name


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (Target(), "Name one stack"),
        (Target(env="staging", stack="mine"), "Name one stack"),
        (Target(env="staging", local=True), "Name one stack"),
        (Target(env="nowhere"), r"has no section \[nowhere.deploy.parameters\]"),
    ],
)
def test_no_single_stack(target: Target, said: str) -> None:
    """No stack, two stacks and an unknown section are refused with the options that name one."""
    with pytest.raises(BadInputError, match=said):
        stack_name(target, CONFIG)


def test_the_local_stack() -> None:
    """The local stack is called with its own key, in its region, at its port on loopback."""
    local = connect(Target(local=True, port=4599))
    client = local.client("lambda")

    assert (client.meta.endpoint_url, client.meta.region_name) == ("http://127.0.0.1:4599", REGION)
    assert (local.name, LOCAL_REGION, LOCAL_PORT) == (STACK_NAME, REGION, 4566)
    assert (ROOT_CREDENTIALS.access_key_id, ROOT_CREDENTIALS.secret_access_key) == LOCAL_KEY
    assert local.client("lambda") is client
    client.close()


def test_the_longest_call() -> None:
    """The program waits longer for an answer than any function may take."""
    timeouts = [made["Properties"].get("Timeout", 3) for made in of_type("AWS::Lambda::Function").values()]

    assert max(timeouts) < LONGEST_SECONDS == stack_module.LONGEST_SECONDS


def test_pairs() -> None:
    """Options of the form NAME=VALUE are read as such, and a value may hold an equals sign."""
    assert pairs(["a=b", " c = d=e "], "--set") == {"a": "b", "c": "d=e"}
    for wrong in (["a"], ["=b"], ["a="], ["a=1", "a=2"]):
        with pytest.raises(BadInputError, match="--set"):
            pairs(wrong, "--set")
