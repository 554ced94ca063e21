"""replay-operation, in this process."""

import json

import pytest

from stigg_actions.errors import ActionError
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.writes.create_subscription import CreateSubscriptionWrite
from tests.support.crashes import CrashError, crash, dying_container
from tests.support.harness import Harness
from tests.support.operators import POST_SUBSCRIPTION, blocked, listed, lost, replayed
from tests.support.requests import LINE, sold, subscription


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


def test_what_earlier_rules_accepted_is_replayed(actions: Harness) -> None:
    """An operation that a request of today could not ask for is carried on all the same."""
    metadata = {"note": "caf\x92", "tier\u200b": "gold"}
    earlier = CreateSubscription.stored(subscription(salesforceAccountId="0039000000B98deAAB", metadata=metadata))
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    deps = dying_container(actions, POST_SUBSCRIPTION, after=False).deps(correlation_id="call-1", seconds=25)
    with pytest.raises(CrashError):
        perform(CreateSubscriptionWrite(earlier, deps))
    actions.clock.skip(31)
    (one,) = listed(actions)["operations"]

    assert replayed(actions, one["operationKey"])["outcome"] == "replayed"
    assert actions.emulator.state()["subscriptions"][0]["metadata"].items() >= metadata.items()
    assert actions.post("create-subscription", subscription(metadata=metadata)).status == 400


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
    """Whether the workflow ran cannot be found out, so an operator has to look."""
    request = {"triggerId": "notify-customer", "idempotencyKey": "deal-1"}
    crash(actions, "trigger-workflow", request, "POST .*/graphql$", after=True)
    (one,) = listed(actions)["operations"]

    with pytest.raises(ActionError) as raised:
        replayed(actions, one["operationKey"])

    assert json.loads(str(raised.value))["errorCode"] == "REPLAY_REFUSED"
    assert "Check the workflow's runs" in one["whatToDo"]


def test_a_request_that_this_version_does_not_read(actions: Harness) -> None:
    """An operation whose stored request is another version's is refused, with what to do in its place."""
    blocked(actions)
    (one,) = listed(actions)["operations"]
    table = actions.tables.operations
    (item,) = (item for item in actions.tables.items(table) if item["operation_key"]["S"] == one["operationKey"])
    actions.tables.client.put_item(TableName=table, Item={**item, "request": {"S": '{"planId": 7}'}})

    with pytest.raises(ActionError) as raised:
        replayed(actions, one["operationKey"])

    body = json.loads(str(raised.value))
    assert (body["errorCode"], body["retryable"]) == ("REPLAY_REFUSED", False)
    assert "Send the request from Salesforce again" in body["errorMessage"]


def test_an_unknown_key(actions: Harness) -> None:
    """A key that the ledger does not have is not found, with the environment."""
    with pytest.raises(ActionError) as raised:
        replayed(actions, "provision-0")

    body = json.loads(str(raised.value))
    assert (body["errorCode"], type(raised.value).__name__) == ("OPERATION_NOT_FOUND", "NotFound")
    assert "development" in body["errorMessage"]
