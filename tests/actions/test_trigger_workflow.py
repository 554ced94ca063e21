"""trigger-workflow, in this process."""

import json
from collections.abc import Callable

import pytest

from tests.support.crashes import crash
from tests.support.faulty_dynamodb import FaultyDynamoDB, lost_request
from tests.support.harness import Harness
from tests.support.requests import ACCOUNT, LINE, subscription
from tests.support.some import some

ACTION = "trigger-workflow"
LOST = {
    "status": 500,
    "body": {"message": "Oops.", "code": "UnexpectedError", "traceId": "trace-1"},
}
"""An answer of Stigg that does not tell whether the workflow has run."""


def runs(actions: Harness) -> list[dict[str, object]]:
    """The workflow runs that Stigg has seen."""
    return [
        {name: run[name] for name in ("triggerId", "payload", "isTest")}
        for run in actions.emulator.state()["workflowRuns"]
    ]


def test_triggers_the_live_workflow(actions: Harness) -> None:
    """The payload reaches the live workflow, and its response comes back as text."""
    body = actions.ok(ACTION, {"triggerId": "notify-customer", "payload": '{"amount": 12.50}'})

    assert body["outcome"] == "triggered"
    assert json.loads(body["responseText"])["received"] == {"amount": 12.5}
    assert runs(actions) == [{"triggerId": "notify-customer", "payload": {"amount": 12.5}, "isTest": False}]


def test_triggers_the_test_workflow(actions: Harness) -> None:
    """With isTest the test workflow runs instead."""
    actions.ok(ACTION, {"triggerId": "notify-customer", "isTest": "true"})

    assert [run["isTest"] for run in runs(actions)] == [True]


def test_the_record_completes_the_payload(actions: Harness) -> None:
    """With a mapped record, subscription and customer are added to the payload where it lacks them."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    mapped = actions.ok("create-subscription-with-return-data", subscription())

    actions.ok(ACTION, {"triggerId": "cancel-subscription", "salesforceRecordId": LINE, "payload": {"customerId": "x"}})
    actions.ok(ACTION, {"triggerId": "cancel-subscription", "salesforceRecordId": LINE})

    assert [run["payload"] for run in runs(actions)] == [
        {"customerId": "x", "subscriptionId": mapped["subscriptionId"]},
        {"customerId": "cust-acme", "subscriptionId": mapped["subscriptionId"]},
    ]


def test_a_record_awaiting_payment_has_only_a_customer(actions: Harness) -> None:
    """A record without a current subscription adds its customer alone; an unmapped one adds nothing."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    actions.ok("create-subscription", subscription(paymentCollectionMethod="CHARGE"))

    actions.ok(ACTION, {"triggerId": "notify-customer", "salesforceRecordId": LINE})
    actions.ok(ACTION, {"triggerId": "notify-customer", "salesforceRecordId": "00k000000000009AAA", "payload": {}})

    assert [run["payload"] for run in runs(actions)] == [{"customerId": "cust-acme"}, {}]


def test_the_account_completes_the_payload(actions: Harness) -> None:
    """With a linked account its customer is added; an unlinked one adds nothing."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})

    actions.ok(ACTION, {"triggerId": "notify-customer", "salesforceAccountId": ACCOUNT[:15]})
    actions.ok(ACTION, {"triggerId": "notify-customer", "salesforceAccountId": "001000000000009AAA"})

    assert [run["payload"] for run in runs(actions)] == [{"customerId": "cust-acme"}, None]


def test_without_a_key_it_runs_each_time(actions: Harness) -> None:
    """A command: the same request twice runs twice."""
    for _ in range(2):
        actions.ok(ACTION, {"triggerId": "notify-customer"})

    assert len(runs(actions)) == 2


def test_with_a_key_it_runs_once(actions: Harness) -> None:
    """A request with a key is answered again from the first run."""
    request = {"triggerId": "notify-customer", "payload": {"n": 1}, "idempotencyKey": "deal-7"}

    first = actions.ok(ACTION, request)
    second = actions.ok(ACTION, request)

    assert (second["replayed"], second["responseText"]) == (True, first["responseText"])
    assert len(runs(actions)) == 1


def test_a_lost_answer_without_a_key_must_not_be_repeated(actions: Harness) -> None:
    """Without a key a lost answer is unknown and not retryable, and the request was sent once."""
    actions.emulator.fault("POST", "/graphql$", "cutAfter")

    reply = actions.post(ACTION, {"triggerId": "notify-customer"})

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (504, "OUTCOME_UNKNOWN", False)
    assert len(runs(actions)) == 1


def test_a_lost_answer_with_a_key_stays_unknown(actions: Harness) -> None:
    """With a key the repeat never runs the workflow again: it says that asking again is of no use, and what is."""
    actions.emulator.fault("POST", "/graphql$", "status", LOST, times=1)
    request = {"triggerId": "notify-customer", "idempotencyKey": "deal-8"}

    first, *later = [actions.post(ACTION, request) for _ in range(3)]

    assert (first.status, first.body["errorCode"], first.body["retryable"]) == (504, "OUTCOME_UNKNOWN", True)
    for reply in some(later):
        assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (504, "OUTCOME_UNKNOWN", False)
        assert "with another idempotencyKey" in reply.body["errorMessage"]
        assert (reply.body["stiggErrorCode"], reply.body["stiggTraceId"]) == ("UnexpectedError", "trace-1")
        assert "retryAfterSeconds" not in reply.body
    assert runs(actions) == []


def test_a_crash_with_a_key_is_never_run_again(actions: Harness) -> None:
    """While a run that died may still live, the repeat says for how long; after that, that asking is of no use."""
    request = {"triggerId": "notify-customer", "idempotencyKey": "deal-9"}
    crash(actions, ACTION, request, "POST /graphql", after=True)
    actions.clock.skip(11)
    early = actions.post(ACTION, request)
    actions.clock.skip(early.body["retryAfterSeconds"])

    late = actions.post(ACTION, request)

    assert (early.body["errorCode"], early.body["retryable"]) == ("OUTCOME_UNKNOWN", True)
    assert 17 <= early.body["retryAfterSeconds"] <= 20
    assert (late.body["errorCode"], late.body["retryable"]) == ("OUTCOME_UNKNOWN", False)
    assert len(runs(actions)) == 1


def test_a_slow_run_with_a_key_is_not_taken_over(actions: Harness) -> None:
    """A run that takes longer than its repeat waits still records its outcome, which later repeats are given."""
    request = {"triggerId": "notify-customer", "idempotencyKey": "deal-9"}
    repeats = []

    def repeat_meanwhile(call: Callable[[], object]) -> object:
        actions.clock.skip(11)
        repeats.append(actions.post(ACTION, request))
        return call()

    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, repeat_meanwhile])

    slow = actions.post(ACTION, request, actions.container(dynamodb=client))
    later = actions.ok(ACTION, request)

    assert [(reply.body["errorCode"], reply.body["retryable"]) for reply in repeats] == [("OUTCOME_UNKNOWN", True)]
    assert (slow.status, slow.body["replayed"], later["replayed"]) == (200, False, True)
    assert len(runs(actions)) == 1


def test_a_run_with_a_key_is_answered_though_it_was_not_recorded(actions: Harness) -> None:
    """What is known of a run is told; as it could not be recorded, the repeat does not know, and runs nothing."""
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, lost_request, lost_request])
    request = {"triggerId": "notify-customer", "idempotencyKey": "deal-9"}

    reply = actions.post(ACTION, request, actions.container(dynamodb=client))
    actions.clock.skip(31)
    repeat = actions.post(ACTION, request)

    assert (reply.status, reply.body["outcome"]) == (200, "triggered")
    assert (repeat.status, repeat.body["retryable"]) == (504, False)
    assert len(runs(actions)) == 1


def test_what_surely_did_not_run_runs_again(actions: Harness) -> None:
    """Turned away by the rate limit, the trigger is sent again, and a failed run with a key may be repeated."""
    turned_away = {"status": 429, "body": {"message": "Too many requests", "code": "RateLimitExceeded"}}
    actions.emulator.fault("POST", "/graphql$", "status", turned_away, times=4)
    request = {"triggerId": "notify-customer", "idempotencyKey": "deal-10"}

    limited = actions.post(ACTION, request)
    body = actions.ok(ACTION, request)

    assert (limited.status, limited.body["errorCode"], limited.body["retryable"]) == (429, "RATE_LIMITED", True)
    assert limited.body["retryAfterSeconds"] == 60
    assert body["replayed"] is False
    assert len(runs(actions)) == 1


def test_an_unknown_trigger_is_named(actions: Harness) -> None:
    """A trigger id that no active workflow has is answered with it and the environment."""
    reply = actions.post(ACTION, {"triggerId": "nobody-home"})

    assert (reply.status, reply.body["errorCode"]) == (404, "WORKFLOW_NOT_FOUND")
    assert "nobody-home" in reply.body["errorMessage"]
    assert "development" in reply.body["errorMessage"]
    assert reply.body["stiggTraceId"]


def test_a_run_that_failed_in_stigg_is_not_to_be_repeated(actions: Harness) -> None:
    """An answer with success false is a failure that may have had effects: it is not to be repeated."""
    failed = {"status": 200, "body": {"data": {"triggerWorkflow": {"success": False, "response": None}}}}
    actions.emulator.fault("POST", "/graphql$", "status", failed)

    reply = actions.post(ACTION, {"triggerId": "notify-customer"})

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (504, "WORKFLOW_FAILED", False)


def test_a_run_that_failed_in_stigg_stays_failed(actions: Harness) -> None:
    """With a key the repeat of a run that broke off says the same of it, and runs nothing."""
    failed = {"status": 200, "body": {"data": {"triggerWorkflow": {"success": False, "response": None}}}}
    actions.emulator.fault("POST", "/graphql$", "status", failed, times=1)
    request = {"triggerId": "notify-customer", "idempotencyKey": "deal-11"}

    replies = [actions.post(ACTION, request) for _ in range(3)]

    assert {(one.status, one.body["errorCode"], one.body["retryable"]) for one in replies} == {
        (504, "WORKFLOW_FAILED", False)
    }
    assert runs(actions) == []


def test_no_response_is_no_text(actions: Harness) -> None:
    """A workflow that returns nothing is answered without responseText."""
    silent = {"status": 200, "body": {"data": {"triggerWorkflow": {"success": True, "response": None}}}}
    actions.emulator.fault("POST", "/graphql$", "status", silent)

    body = actions.ok(ACTION, {"triggerId": "notify-customer"})

    assert "responseText" not in body
    assert body["responseTruncated"] is False


def test_a_run_without_a_key_is_answered_though_it_was_not_recorded(actions: Harness) -> None:
    """Without a key nobody would ask again: a run that could not be recorded is still answered as what it was."""
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, lost_request, lost_request])

    reply = actions.post(ACTION, {"triggerId": "notify-customer"}, actions.container(dynamodb=client))

    assert (reply.status, reply.body["outcome"]) == (200, "triggered")
    assert len(runs(actions)) == 1


@pytest.mark.parametrize(("length", "is_cut"), [(100_000, False), (100_001, True)])
def test_the_longest_response(actions: Harness, length: int, *, is_cut: bool) -> None:
    """A response of 100,000 characters is answered whole; one more is cut, and the answer says so."""
    text = json.dumps("x" * (length - 2))
    answer = {"data": {"triggerWorkflow": {"success": True, "response": json.loads(text)}}}
    actions.emulator.fault("POST", "/graphql", "status", {"status": 200, "body": answer}, times=1)

    body = actions.ok(ACTION, {"triggerId": "notify-customer"})

    assert body["responseText"] == text[:100_000]
    assert body.get("responseTruncated", False) == is_cut
