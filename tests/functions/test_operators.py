"""list-operations and replay-operation, in this process."""

import json
from typing import Any

import pytest

from stigg_actions.errors import ActionError
from tests.support.crashes import CrashError, dying_container
from tests.support.harness import Harness
from tests.support.requests import LINE, OTHER_LINE, grant, sold, subscription

POST_SUBSCRIPTION = "POST .*/subscriptions$"


def listed(actions: Harness, **request: object) -> dict[str, Any]:
    """List operations, as an operator does."""
    body: dict[str, Any] = actions.invoke("list-operations", request)
    return body


def keys(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return kind and status of what was listed."""
    return [(one["kind"], one["status"]) for one in body["operations"]]


def replayed(actions: Harness, key: str) -> dict[str, Any]:
    """Replay an operation."""
    body: dict[str, Any] = actions.invoke("replay-operation", {"operationKey": key})
    return body


def blocked(actions: Harness) -> str:
    """Let a renewal be refused for an unpaid invoice; return the subscription that owes."""
    old = sold(actions, paymentCollectionMethod="INVOICE")
    actions.emulator.invoice(old, "OPEN")
    assert actions.post("create-subscription", subscription(planId="plan-starter")).status == 409
    return old


def lost(actions: Harness, *, after: bool = True) -> None:
    """Let a process die around its POST."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    with pytest.raises(CrashError):
        actions.post("create-subscription", subscription(), dying_container(actions, POST_SUBSCRIPTION, after=after))


def test_nothing_needs_attention(actions: Harness) -> None:
    """What succeeded is not listed."""
    sold(actions)

    body = listed(actions)

    assert (body["outcome"], body["operations"]) == ("listed", [])


def test_what_failed_and_why(actions: Harness) -> None:
    """A refused operation is listed with its record, its reason, and what can be done about it."""
    blocked(actions)

    (one,) = listed(actions, status="Failed")["operations"]

    assert (one["kind"], one["status"], one["errorCode"]) == ("provision", "FAILED", "OPEN_INVOICE")
    assert (one["salesforceRecordId"], one["customerId"], one["attempt"]) == (LINE, "cust-acme", 1)
    assert "Have the invoice paid" in one["whatToDo"]
    assert one["errorMessage"].startswith("OPEN_INVOICE: ")
    assert one["startedAt"] <= one["finishedAt"]


def test_page_by_page(actions: Harness) -> None:
    """Without a status all that need attention are listed: one status after the other, page by page."""
    lost(actions)
    blocked_too = {"customerId": "cust-2", "planId": "plan-nowhere", "billingPeriod": "MONTHLY", "customerName": "Two"}
    for line in (OTHER_LINE, "00k000000000003AAA"):
        assert actions.post("create-subscription", blocked_too | {"salesforceRecordId": line}).status == 404
    found, token = [], None
    while True:
        body = listed(actions, limit=1, **({"nextToken": token} if token else {}))
        found += keys(body)
        token = body.get("nextToken")
        if token is None:
            break

    assert found == [("provision", "STARTED"), ("provision", "FAILED"), ("provision", "FAILED")]


def test_an_answer_looks_through_so_many(actions: Harness) -> None:
    """Where one customer's operations are far between, an answer may be empty, and tell where to go on."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    for number in range(22):
        actions.post("create-subscription", subscription(salesforceRecordId=f"00k{number:012d}", planId="plan-x"))

    body = listed(actions, customerId="cust-other", limit=1)

    assert (body["operations"], "nextToken" in body) == ([], True)


def test_of_a_record(actions: Harness) -> None:
    """All operations of a record are listed, what succeeded too, newest first; by either form of its id."""
    sold(actions)
    actions.clock.skip(5)
    actions.ok("create-credit-grant", grant())

    body = listed(actions, salesforceRecordId=LINE[:15])

    assert keys(body) == [("grant", "SUCCEEDED"), ("provision", "SUCCEEDED")]
    assert {one["whatToDo"] for one in body["operations"]} == {"Nothing: it was carried out."}
    assert listed(actions, salesforceRecordId=LINE, status="failed")["operations"] == []
    assert listed(actions, salesforceRecordId=LINE, customerId="cust-other")["operations"] == []


@pytest.mark.parametrize("token", ["page 2", "NQ==", "W10=", "WyJTVUNDRUVERUQiLCBudWxsXQ==", "WyJGQUlMRUQiLCAxXQ=="])
def test_a_token_that_is_none(actions: Harness, token: str) -> None:
    """A token that this action did not give is refused by name."""
    with pytest.raises(ActionError) as raised:
        listed(actions, nextToken=token)

    assert json.loads(str(raised.value))["details"][0]["field"] == "nextToken"


def test_a_refused_operation_is_replayed(actions: Harness) -> None:
    """Once its reason is gone, a refused operation is run again as its caller would, and gives the caller's answer."""
    old = blocked(actions)
    (one,) = listed(actions)["operations"]
    actions.emulator.invoice(old, "PAID")

    body = replayed(actions, one["operationKey"])

    answer = json.loads(body["answerText"])
    again = actions.ok("create-subscription-with-return-data", subscription(planId="plan-starter"))
    assert (body["outcome"], body["operation"]["status"], body["operation"]["attempt"]) == ("replayed", "SUCCEEDED", 2)
    assert (answer["outcome"], again["subscriptionId"]) == ("replaced", answer["subscriptionId"])
    assert again["replayed"]


@pytest.mark.parametrize("after", [False, True])
def test_a_lost_operation_is_replayed(actions: Harness, *, after: bool) -> None:
    """An operation whose process died is carried on under its ids: one effect, whether it had come to Stigg or not."""
    lost(actions, after=after)
    actions.clock.skip(31)
    (one,) = listed(actions)["operations"]

    body = replayed(actions, one["operationKey"])

    assert "reconcile settles it" in one["whatToDo"]
    assert (body["outcome"], len(actions.live("cust-acme"))) == ("replayed", 1)
    assert len(actions.emulator.state()["subscriptions"]) == 1


def test_what_succeeded_is_not_run_again(actions: Harness) -> None:
    """However old it is, an operation that succeeded is answered from the ledger."""
    sold(actions)
    actions.clock.skip(10 * 24 * 3600)
    (one,) = listed(actions, salesforceRecordId=LINE)["operations"]
    writes = actions.writes_to_stigg()

    body = replayed(actions, one["operationKey"])

    assert (body["outcome"], json.loads(body["answerText"])["outcome"]) == ("alreadySucceeded", "created")
    assert actions.writes_to_stigg() == writes


def test_a_workflow_that_may_have_run_is_not_replayed(actions: Harness) -> None:
    """Nobody knows whether it has run: an operator has to look."""
    request = {"triggerId": "notify-customer", "idempotencyKey": "deal-1"}
    with pytest.raises(CrashError):
        actions.post("trigger-workflow", request, dying_container(actions, "POST .*/graphql$", after=True))
    (one,) = listed(actions)["operations"]

    with pytest.raises(ActionError) as raised:
        replayed(actions, one["operationKey"])

    assert json.loads(str(raised.value))["errorCode"] == "REPLAY_REFUSED"
    assert "Look at the workflow's runs" in one["whatToDo"]


def test_an_unknown_key(actions: Harness) -> None:
    """A key that the ledger does not have is not found, with the environment."""
    with pytest.raises(ActionError) as raised:
        replayed(actions, "provision-0")

    body = json.loads(str(raised.value))
    assert (body["errorCode"], type(raised.value).__name__) == ("OPERATION_NOT_FOUND", "NotFound")
    assert "development" in body["errorMessage"]


def test_other_reasons_have_advice_too(actions: Harness) -> None:
    """What does not exist is to be created; what has no advice of its own is to be read."""
    actions.post("create-subscription", subscription(planId="plan-nowhere", customerName="Acme"))
    actions.post("create-subscription", subscription(salesforceRecordId=OTHER_LINE, billingPeriod=None))

    advice = {one["errorCode"]: one["whatToDo"] for one in listed(actions)["operations"]}

    assert advice["PLAN_NOT_FOUND"].startswith("Create what is missing")
    assert listed(actions, status="unknown")["operations"] == []
    assert advice["REFUSED_BY_STIGG"].startswith("Read Stigg's reason")


def test_why_an_outcome_is_unknown(actions: Harness) -> None:
    """An operation whose outcome is unknown is listed with the reason, as one that failed is."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    actions.emulator.fault("POST", "/subscriptions$", "cutAfter")
    actions.emulator.fault("GET", "/subscriptions/", "status", 503)
    told = actions.post("create-subscription", subscription())

    (view,) = listed(actions, status="unknown")["operations"]

    assert (view["status"], view["errorCode"]) == ("UNKNOWN", "OUTCOME_UNKNOWN")
    assert view["errorMessage"] == told.body["errorMessage"]


@pytest.mark.parametrize("limit", [1, 100])
def test_how_many_are_listed(actions: Harness, limit: int) -> None:
    """A list may have one to a hundred operations."""
    assert listed(actions, limit=limit)["operations"] == []


@pytest.mark.parametrize("limit", [0, 101])
def test_how_many_are_not(actions: Harness, limit: int) -> None:
    """A list of none, or of more, is refused by name."""
    with pytest.raises(ActionError) as raised:
        listed(actions, limit=limit)

    assert json.loads(str(raised.value))["details"][0]["field"] == "limit"
