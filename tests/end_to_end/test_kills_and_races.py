"""The deployed functions, killed with signal 9 in mid-call, and raced."""

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.stack import LocalStack
from local.stack.workers import worker_processes
from tests.support.calls import call_api, invoke
from tests.support.requests import LINE, subscription

PROVISION = "create-subscription-with-return-data"
RACERS = 10
PATIENCE = 60.0


def soon[Found](look: Callable[[], Found | None]) -> Found:
    """Look again and again for what must come about within a minute."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def call(stack: LocalStack, action: str, body: dict[str, Any]) -> httpx.Response:
    """Call an action as Salesforce does."""
    return call_api(stack, action, json.dumps(body))


def provisionings(stack: LocalStack) -> list[dict[str, Any]]:
    """Return the calls that Stigg has got to provision."""
    return [
        one for one in stack.stigg.state()["calls"] if (one["method"], one["path"]) == ("POST", "/api/v1/subscriptions")
    ]


def killed_in_mid_call(stack: LocalStack, fault: str, value: int) -> httpx.Response:
    """Let Stigg dawdle over a provisioning, kill the worker that waits for it, and return what the caller gets."""
    call(stack, "create-customer", {"customerId": "cust-acme", "name": "Acme"})
    stack.stigg.fault("POST", "/subscriptions$", fault, value, times=1)
    with ThreadPoolExecutor(1) as caller:
        answer: Future[httpx.Response] = caller.submit(call, stack, PROVISION, subscription())
        soon(lambda: provisionings(stack))
        if fault == "drip":
            soon(lambda: stack.stigg.state()["subscriptions"])
        for process in worker_processes(stack.endpoints, stack.endpoints.functions[PROVISION]):
            os.kill(process, signal.SIGKILL)
        return answer.result()


@pytest.mark.parametrize(("fault", "value"), [("drip", 1), ("latency", 3), ("hang", 60)])
def test_a_killed_worker_is_carried_on(fresh_stack: LocalStack, fault: str, value: int) -> None:
    """A worker dies after the effect, before an effect that comes all the same, or before one that never does; the
    caller's repeat ends with one subscription, which the record is mapped to.
    """  # noqa: D205 - one sentence
    stack = fresh_stack
    lost = killed_in_mid_call(stack, fault, value)

    repeat = call(stack, PROVISION, subscription())
    stack.stigg.clear_faults()
    seen = call(stack, "get-subscription", {"salesforceRecordId": LINE}).json()

    (made,) = stack.stigg.state()["subscriptions"]
    assert lost.status_code >= 500
    assert (repeat.status_code, repeat.json()["subscriptionId"]) == (200, made["id"])
    assert (seen["outcome"], seen["subscriptionId"], seen["mapping"]["status"]) == ("found", made["id"], "ACTIVE")


def test_reconcile_finds_what_a_killed_worker_did(fresh_stack: LocalStack) -> None:
    """When nobody repeats the call of a killed worker, the reconciliation records what it did, once it is over."""
    stack = fresh_stack
    killed_in_mid_call(stack, "drip", 1)

    def settled() -> list[dict[str, Any]]:
        _, answer = invoke(stack, "reconcile", '{"minimumAgeSeconds": 0}')
        return [one for one in answer["settled"] if one["result"] == "succeeded"]

    (found,) = soon(settled)
    repeat = call(stack, PROVISION, subscription()).json()

    (made,) = stack.stigg.state()["subscriptions"]
    assert found["kind"] == "provision"
    assert (repeat["replayed"], repeat["subscriptionId"]) == (True, made["id"])


def test_callers_at_once(fresh_stack: LocalStack) -> None:
    """Ten identical requests at once, each in a worker of its own: one effect and one answer, or a clean 'later'."""
    stack = fresh_stack
    call(stack, "create-customer", {"customerId": "cust-acme", "name": "Acme"})
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: call(stack, PROVISION, subscription()), range(RACERS)))

    (made,) = stack.stigg.state()["subscriptions"]
    served = [one.json() for one in answers if one.status_code == 200]
    later = [one.json() for one in answers if one.status_code != 200]
    assert {one["subscriptionId"] for one in served} == {made["id"]}
    assert sum(not one["replayed"] for one in served) == 1
    assert {(one["errorCode"], one["retryable"]) for one in later} <= {("IN_PROGRESS", True)}
    assert len(provisionings(stack)) == 1
