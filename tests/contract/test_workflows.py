"""Workflows by GraphQL: test and live runs, refusals in GraphQL's own shape."""

import time

import pytest

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api


@pytest.mark.parametrize("is_test", [True, False])
def test_run(api: Api, emulator: Emulator, is_test: bool) -> None:  # noqa: FBT001  parametrized
    """A run is recorded and answers with what it received."""
    answer = api.trigger(triggerId="notify-customer", payload={"a": [1]}, isTest=is_test)
    expected = {"triggerId": "notify-customer", "payload": {"a": [1]}, "isTest": is_test}

    assert [expected] == emulator.state()["workflowRuns"]
    assert {
        "success": True,
        "response": {"workflow": "notify-customer", "isTest": is_test, "received": {"a": [1]}},
    } == (answer.json()["data"]["triggerWorkflow"])


def test_live_is_the_default(api: Api, emulator: Emulator) -> None:
    """Without payload and `isTest` the live workflow runs with nothing."""
    api.trigger(triggerId="cancel-subscription")
    expected = {"triggerId": "cancel-subscription", "payload": None, "isTest": False}

    assert [expected] == emulator.state()["workflowRuns"]


def test_unknown_trigger(api: Api, emulator: Emulator) -> None:
    """An unknown trigger is a GraphQL error with HTTP 200, a code and a trace id."""
    answer = api.trigger(triggerId="other")
    (error,) = answer.json()["errors"]

    assert (
        answer.status_code,
        answer.json()["data"],
        error["extensions"]["code"],
    ) == (200, None, "WorkflowTriggerNotFound")
    assert error["extensions"]["traceId"]
    assert emulator.state()["workflowRuns"] == []


def test_unknown_input(api: Api) -> None:
    """An unknown input field is refused in GraphQL's error shape."""
    answer = api.trigger(triggerId="notify-customer", idempotencyKey="1")

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BadUserInput")


def test_slow_workflow(api: Api, emulator: Emulator) -> None:
    """A slow workflow answers when it has finished; meanwhile others are served."""
    begun = time.monotonic()
    api.trigger(triggerId="slow-workflow")

    assert time.monotonic() - begun >= 2
    assert emulator.state()["workflowRuns"][0]["triggerId"] == "slow-workflow"
