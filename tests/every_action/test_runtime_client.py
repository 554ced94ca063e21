"""What Step Functions matches on, under the runtime client that Lambda itself runs.

The local stand-in for AWS gives every error one name; the runtime client that the managed runtime contains does not.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from local.stack.template import ROOT
from stigg_actions.errors import ActionError
from tests.support.harness import Harness
from tests.support.lambda_runtime import Runtimes
from tests.support.requests import LINE, grant, subscription

CUSTOMER = {"customerId": "cust-acme", "name": "Acme"}
PROVISION = "create-subscription"
STATES = json.loads((ROOT / "examples" / "renewal.asl.json").read_text())
LOST = {"status": 502, "body": "bad gateway"}


class Failure(NamedTuple):
    """How a category of failure comes about: what happens before, which call meets it, and the code that it has."""

    category: str
    code: str
    action: str
    event: dict[str, Any]
    arrange: Callable[[Harness], object] = lambda _: None


def _key_used_before(actions: Harness) -> None:
    actions.ok("create-customer", CUSTOMER)
    actions.ok("create-credit-grant", grant(idempotencyKey="deal-1"))


def _owing(actions: Harness) -> None:
    actions.ok("create-customer", CUSTOMER)
    sold = actions.ok("create-subscription-with-return-data", subscription(paymentCollectionMethod="INVOICE"))
    actions.emulator.invoice(sold["subscriptionId"], "OPEN")


def _limited(actions: Harness) -> None:
    actions.ok("create-customer", CUSTOMER)
    limit = {"status": 429, "headers": {"Retry-After": "60"}}
    actions.emulator.fault("POST", "/api/v1/subscriptions", "status", limit)


def _lost(actions: Harness) -> None:
    """Let Stigg's answers be lost, those about what has become of it too."""
    actions.ok("create-customer", CUSTOMER)
    actions.emulator.fault("POST", "/api/v1/subscriptions", "statusAfter", LOST)
    actions.emulator.fault("GET", "/api/v1/subscriptions/.*", "status", LOST)


def _unsettled(actions: Harness) -> None:
    _lost(actions)
    assert actions.post(PROVISION, subscription()).status == 504


def _down(actions: Harness) -> None:
    actions.ok("create-customer", CUSTOMER)
    actions.emulator.fault("GET", "/api/v1/.*", "status", LOST)


def _expired_key(actions: Harness) -> None:
    actions.emulator.set_key(actions.emulator.key, "expired")


FAILURES = [
    Failure("RequestInvalid", "INVALID_REQUEST", PROVISION, {"customerId": "cust-acme", "planID": "plan-growth"}),
    Failure("NotFound", "CUSTOMER_NOT_FOUND", PROVISION, subscription(customerId="cust-nobody")),
    Failure(
        "Conflict",
        "IDEMPOTENCY_CONFLICT",
        "create-credit-grant",
        grant(idempotencyKey="deal-1", amount=7),
        _key_used_before,
    ),
    Failure("InProgress", "IN_PROGRESS", PROVISION, subscription(planId="plan-starter"), _unsettled),
    Failure("Refused", "OPEN_INVOICE", PROVISION, subscription(planId="plan-starter"), _owing),
    Failure("RateLimited", "RATE_LIMITED", PROVISION, subscription(), _limited),
    Failure("StiggUnavailable", "STIGG_UNAVAILABLE", "get-subscription", {"subscriptionId": "sub-1"}, _down),
    Failure("OutcomeUnknown", "OUTCOME_UNKNOWN", PROVISION, subscription(), _lost),
    Failure("Misconfigured", "STIGG_KEY_REJECTED", PROVISION, subscription(), _expired_key),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.category)
def test_error_types(served_actions: Harness, runtimes: Runtimes, failure: Failure) -> None:
    """A failure reaches Lambda under the name of its category, and its message is the envelope as JSON."""
    failure.arrange(served_actions)
    raised = runtimes.call(failure.action, failure.event)
    envelope = json.loads(raised.body["errorMessage"])

    assert (raised.kind, raised.body["errorType"]) == ("error", failure.category)
    assert (envelope["success"], envelope["errorCode"]) == (False, failure.code)
    assert envelope["errorMessage"].startswith(f"{failure.code}: ")
    assert envelope["correlationId"] == raised.body["requestId"]
    assert isinstance(envelope["retryable"], bool)
    assert isinstance(envelope["details"], list)


def test_every_category_is_tried() -> None:
    """No category of failures is left out."""
    assert sorted(failure.category for failure in FAILURES) == sorted(
        one.__name__ for one in ActionError.__subclasses__()
    )


def test_the_example_matches_on_them() -> None:
    """Every name of ours that the example's state machine retries or catches is one of them."""
    rules = [rule for state in STATES["States"].values() for rule in (*state.get("Retry", []), *state.get("Catch", []))]
    names = {name for rule in rules for name in rule["ErrorEquals"] if not name.startswith(("States.", "Lambda."))}

    assert names
    assert names <= {failure.category for failure in FAILURES}


def test_an_answer(served_actions: Harness, runtimes: Runtimes) -> None:
    """What works is answered with the body itself."""
    served_actions.ok("create-customer", CUSTOMER)
    answered = runtimes.call(PROVISION, subscription())

    assert (answered.kind, answered.body["success"], answered.body["outcome"]) == ("response", True, "created")
    assert served_actions.mapping(LINE) is not None


def test_a_refusal_that_is_wanted_as_an_answer(served_actions: Harness, runtimes: Runtimes) -> None:
    """With faultOnError false, a refusal is no error to Lambda either."""
    served_actions.ok("create-customer", CUSTOMER)
    answered = runtimes.call(PROVISION, subscription(planId="plan-nowhere", faultOnError=False))

    assert (answered.kind, answered.body["errorCode"]) == ("response", "PLAN_NOT_FOUND")
