"""One id leads from a call to all that it left behind."""

import json
from typing import Any

import pytest

from local.stack.template import ROOT, functions
from stigg_actions.errors import ActionError
from stigg_actions.events.event import event_of
from tests.support.crashes import CrashError, dying_container
from tests.support.deals import deal, plan, space
from tests.support.harness import Harness, handler_of
from tests.support.logs import Listener, listening
from tests.support.requests import LINE, OTHER_LINE, grant, sold, subscription

POST_SUBSCRIPTION = "POST .*/subscriptions$"


def call(actions: Harness, action: str, body: dict[str, Any], correlation_id: str) -> dict[str, Any]:
    """Call an action through API Gateway under an id of the caller's own."""
    return actions.post(action, body | {"correlationId": correlation_id}).body


def listed(actions: Harness, **request: object) -> list[dict[str, Any]]:
    """List operations, as an operator does."""
    operations: list[dict[str, Any]] = actions.invoke("list-operations", request)["operations"]
    return operations


def lines(heard: Listener, correlation_id: str) -> list[dict[str, Any]]:
    """Return the lines of a call."""
    return [line for line in heard.lines if line.get("correlationId") == correlation_id]


def test_one_id_everywhere(actions: Harness) -> None:
    """API Gateway's id of a call is in its answer, its log line, the ledger, Stigg's metadata and the event of it."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    call = {
        "httpMethod": "POST",
        "requestContext": {"requestId": "gateway-1"},
        "headers": {},
        "body": json.dumps(subscription()),
    }
    with listening() as heard:
        answer = handler_of("create-subscription", lambda: actions.warm)(call, None)
    (in_stigg,) = actions.emulator.state()["subscriptions"]
    (kept,) = (item for item in actions.tables.items(actions.tables.operations) if item["kind"]["S"] == "provision")
    detail = event_of({"dynamodb": {"NewImage": kept}}, "development").detail

    assert answer["headers"]["X-Correlation-Id"] == json.loads(answer["body"])["correlationId"] == "gateway-1"
    assert [(line["correlationId"], line["apiRequestId"]) for line in heard.lines] == [("gateway-1", "gateway-1")]
    assert kept["correlation_id"]["S"] == in_stigg["metadata"]["correlationId"] == "gateway-1"
    assert (detail["correlationId"], "latestCorrelationId" in detail) == ("gateway-1", False)


@pytest.fixture
def refused_and_repeated(actions: Harness) -> Harness:
    """Let three calls ask for the same: two are refused for an unpaid invoice, the third is not."""
    old = sold(actions, paymentCollectionMethod="INVOICE")
    actions.emulator.invoice(old, "OPEN")
    for correlation_id in ("first", "second"):
        call(actions, "create-subscription", subscription(planId="plan-starter"), correlation_id)
    actions.emulator.invoice(old, "PAID")
    call(actions, "create-subscription", subscription(planId="plan-starter"), "third")
    return actions


def test_the_first_call_stays_known(refused_and_repeated: Harness) -> None:
    """What was refused and is asked for again keeps the id of the first call, and has that of the latest beside it."""
    (operation,) = listed(refused_and_repeated, ofCorrelationId="first")
    (item,) = (
        item for item in refused_and_repeated.intents() if item["operation_key"]["S"] == operation["operationKey"]
    )
    detail = event_of({"dynamodb": {"NewImage": item}}, "development").detail
    new = refused_and_repeated.emulator.state()["subscriptions"][-1]

    assert (operation["status"], operation["attempt"]) == ("SUCCEEDED", 3)
    assert (operation["correlationId"], operation["latestCorrelationId"]) == ("first", "third")
    assert (detail["correlationId"], detail["latestCorrelationId"]) == ("first", "third")
    assert new["metadata"]["correlationId"] == "first"


@pytest.mark.parametrize("correlation_id", ["first", "second", "third"])
def test_every_call_leads_to_its_operation(refused_and_repeated: Harness, correlation_id: str) -> None:
    """Each call that ran an operation leads to it, whatever calls came before or after."""
    (operation,) = listed(refused_and_repeated, ofCorrelationId=correlation_id)

    assert (operation["kind"], operation["salesforceRecordId"]) == ("provision", LINE)


def test_other_filters_count_too(refused_and_repeated: Harness) -> None:
    """Other filters of the same request narrow down what the call ran."""
    actions = refused_and_repeated
    (operation,) = listed(actions, ofCorrelationId="second", salesforceRecordId=LINE, customerId="cust-acme")
    (with_request,) = listed(actions, ofCorrelationId="second", operationKey=operation["operationKey"])

    assert with_request == {**operation, "request": with_request["request"]}
    assert listed(actions, ofCorrelationId="second", status="failed") == []
    assert listed(actions, ofCorrelationId="second", salesforceRecordId="00k000000000009AAA") == []
    assert listed(actions, ofCorrelationId="second", operationKey="provision-0") == []
    assert listed(actions, ofCorrelationId="never-called") == []


def test_the_callers_own_id_is_no_filter(actions: Harness) -> None:
    """The correlationId of the request is that of the listing itself, which the answer repeats."""
    actions.post("create-subscription", subscription(planId="plan-nowhere", customerName="Acme"))
    body = actions.invoke("list-operations", {"correlationId": "operator-1"})

    assert (body["correlationId"], [one["errorCode"] for one in body["operations"]]) == (
        "operator-1",
        ["PLAN_NOT_FOUND"],
    )


def test_a_replay_by_hand(actions: Harness) -> None:
    """An operator's replay is the latest call of an operation whose first one is still its caller's."""
    with pytest.raises(CrashError):
        sold_by_a_dying_process(actions)
    actions.clock.skip(31)
    (lost,) = listed(actions, ofCorrelationId="flow-1")
    actions.invoke("replay-operation", {"operationKey": lost["operationKey"], "correlationId": "operator-1"})
    (operation,) = listed(actions, ofCorrelationId="operator-1")

    assert (operation["status"], operation["correlationId"]) == ("SUCCEEDED", "flow-1")
    assert operation["latestCorrelationId"] == "operator-1"


def sold_by_a_dying_process(actions: Harness) -> None:
    """Let a process die after its POST."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    container = dying_container(actions, POST_SUBSCRIPTION, after=True)
    actions.post("create-subscription", subscription(correlationId="flow-1"), container)


def test_a_new_intent_has_a_first_call_of_its_own(actions: Harness) -> None:
    """What is wanted again after it was undone belongs to the call that wants it; its key lists both intents."""
    sold(actions)
    for number, wanted in enumerate(("cancel", "resume", "cancel")):
        actions.clock.skip(1)
        date = {"clear": True} if wanted == "resume" else {"cancellationDate": "2099-12-31"}
        call(actions, "reschedule-cancellation", {"salesforceRecordId": LINE} | date, f"flow-{number}")
    (operation,) = listed(actions, ofCorrelationId="flow-2")

    assert (operation["intent"], operation["correlationId"], "latestCorrelationId" in operation) == (2, "flow-2", False)
    both = listed(actions, operationKey=operation["operationKey"])
    assert [(one["intent"], one["correlationId"]) for one in both] == [(2, "flow-2"), (1, "flow-0")]


def test_ids_of_an_operation_are_in_the_line(actions: Harness) -> None:
    """The line of a write has its operation's key, customer, record and subscription, the resolved ones too."""
    subscription_id = sold(actions)
    with listening() as heard:
        call(actions, "cancel-subscription", {"salesforceRecordId": LINE[:15], "cancelWhen": "now"}, "flow-1")
    (line,), (operation,) = lines(heard, "flow-1"), listed(actions, ofCorrelationId="flow-1")

    assert (line["operationKey"], line["customerId"]) == (operation["operationKey"], "cust-acme")
    assert (line["salesforceRecordId"], line["subscriptionId"]) == (LINE, subscription_id)


def test_a_stored_answer_leads_to_the_ledger(actions: Harness) -> None:
    """A repeat that gets the stored answer runs no operation: its line has the key, and that lists it."""
    sold(actions)
    call(actions, "create-credit-grant", grant(), "flow-1")
    with listening() as heard:
        again = call(actions, "create-credit-grant", grant(), "flow-2")
    ((line,), ran) = lines(heard, "flow-2"), listed(actions, ofCorrelationId="flow-2")
    (operation,) = listed(actions, operationKey=line["operationKey"])

    assert (again["replayed"], ran, operation["correlationId"]) == (True, [], "flow-1")


def test_a_refusal_leads_to_the_ledger(actions: Harness) -> None:
    """The line of a refused write has the ids, too."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    with listening() as heard:
        call(actions, "create-subscription", subscription(planId="plan-nowhere"), "flow-1")
    (line,), (operation,) = lines(heard, "flow-1"), listed(actions, ofCorrelationId="flow-1")

    assert (line["errorCode"], line["operationKey"]) == ("PLAN_NOT_FOUND", operation["operationKey"])
    assert (line["customerId"], line["salesforceRecordId"]) == ("cust-acme", LINE)


def test_every_part_of_an_opportunity_is_in_its_line(actions: Harness) -> None:
    """The line of an opportunity has the operations and records of all of its parts, as the ledger lists them."""
    with listening() as heard:
        call(actions, "provision-opportunity", deal(plan(), space()), "flow-1")
    (line,), operations = lines(heard, "flow-1"), listed(actions, ofCorrelationId="flow-1")

    assert len(operations) == 3
    assert set(line["operationKey"].split(", ")) == {one["operationKey"] for one in operations}
    assert {one["salesforceRecordId"] for one in operations if "salesforceRecordId" in one} <= set(
        line["salesforceRecordId"].split(", ")
    )
    assert line["salesforceOpportunityId"] == deal(plan())["salesforceOpportunityId"]


def test_every_field_of_a_line_is_documented(actions: Harness) -> None:
    """docs/operations.md explains every field that the lines of writes, reads, batches and failures have."""
    page = (ROOT / "docs" / "operations.md").read_text().split("\n## Logs\n")[1].split("\n## ")[0]
    with listening() as heard:
        sold(actions, salesforceRecordId=OTHER_LINE)
        actions.ok("create-credit-grant", grant())
        actions.ok("provision-opportunity", deal(plan()))
        actions.post("create-subscription", subscription(planId="plan-nowhere", salesforceRecordId=OTHER_LINE))
        actions.post("create-subscription", {})
        actions.ok("submit-batch", {"requests": [{"action": "create-customer", "request": {"customerId": "cust-2"}}]})
    fields = {name for line in heard.lines if line["message"] == "call" for name in line} - {"message", "level"}

    assert {"operationKey", "invalidFields", "stiggErrorCode", "grantId", "batchId"} <= fields
    assert sorted(name for name in fields if f"`{name}`" not in page) == []


@pytest.mark.parametrize("action", sorted(functions()))
def test_what_was_wrong_is_in_the_line(actions: Harness, action: str) -> None:
    """Every action's line of a bad request names the field."""
    with listening() as heard, pytest.raises(ActionError):
        actions.invoke(action, {"correlationId": "flow-1", "recordID": "jane.doe@acme.example"})
    (line,) = lines(heard, "flow-1")

    assert line["errorCode"] == "INVALID_REQUEST"
    assert "recordID" in line["invalidFields"].split(", ")
