"""renew-subscription: a trial becomes paid in place where Stigg can, and is replaced at once where it would end it."""

from typing import Any

import pytest

from tests.support.days import in_days
from tests.support.harness import Harness
from tests.support.requests import LINE, current, in_stigg, sold

ACTION = "renew-subscription"
PAID = {"salesforceRecordId": LINE, "trialOverrideConfiguration": {"isTrial": False}}


def on_trial(behavior: str = "CONVERT_TO_PAID", days: int = 14, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any
    """Return a trial, as a request gives it."""
    return {"isTrial": True, "trialEndDate": in_days(days), "trialEndBehavior": behavior, **fields}


def test_a_paid_subscription_is_as_requested(actions: Harness) -> None:
    """A subscription that is no trial needs no change to be none."""
    sold(actions)
    before = len(actions.writes_to_stigg())

    body = actions.ok(ACTION, PAID)

    assert (body["outcome"], body["decision"], len(actions.writes_to_stigg())) == ("unchanged", "none", before)


def test_a_trial_becomes_paid_in_place(actions: Harness) -> None:
    """The end of the trial moves to now; what else is requested goes with it."""
    subscription_id = sold(actions, trialOverrideConfiguration=on_trial())

    body = actions.ok(ACTION, {**PAID, "addons": [{"id": "addon-seats", "quantity": 2}]})

    assert (body["outcome"], body["subscriptionId"], body["decision"]) == ("updated", subscription_id, "amend")
    assert actions.terms(subscription_id)["trialOverrideConfiguration"] == {"isTrial": False}
    actions.set_time(f"{in_days(1)}T12:00:00Z")
    assert in_stigg(actions, subscription_id)["status"] == "ACTIVE"


def test_a_trial_that_is_about_to_end_is_left_to_end(actions: Harness) -> None:
    """A trial that becomes paid within minutes is not moved any more."""
    last = in_days(1)
    subscription_id = sold(actions, trialOverrideConfiguration=on_trial(trialEndDate=last))
    actions.set_time(f"{last}T23:57:00Z")

    body = actions.ok(ACTION, PAID)

    assert (body["outcome"], in_stigg(actions, subscription_id)["status"]) == ("unchanged", "IN_TRIAL")


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, "ACTIVE"), ({"startDate": in_days(-3)}, "ACTIVE"), ({"startDate": in_days(9)}, "NOT_STARTED")],
    ids=["now", "from before", "later"],
)
def test_a_trial_that_would_be_canceled_is_replaced(actions: Harness, fields: dict[str, Any], status: str) -> None:
    """Stigg cannot change what follows a trial, so that a paid subscription takes its place, now or when it starts."""
    old = sold(actions, trialOverrideConfiguration=on_trial("CANCEL_SUBSCRIPTION"))

    body = actions.ok(ACTION, {**PAID, **fields})

    assert (body["decision"], body["status"]) == ("replace", status)
    assert "trialOverrideConfiguration: Stigg cannot change the trial of a subscription in place." in body["reasons"]
    assert in_stigg(actions, body["subscriptionId"])["trialEndDate"] is None
    assert (in_stigg(actions, old)["status"] == "CANCELED") == (status == "ACTIVE")


def test_a_schedule_that_the_request_gives_counts(actions: Harness) -> None:
    """A paid subscription waits for the end of the trial's month where the request says so."""
    sold(actions, trialOverrideConfiguration=on_trial("CANCEL_SUBSCRIPTION"))

    body = actions.ok(ACTION, {**PAID, "scheduleStrategy": "END_OF_BILLING_MONTH"})

    assert (body["decision"], body["status"]) != ("replace", "IN_TRIAL")
    sent = in_stigg(actions, body["subscriptionId"])["sent"]
    assert sent["scheduleStrategy"] == "END_OF_BILLING_MONTH"


def test_a_trial_that_has_not_started_is_replaced(actions: Harness) -> None:
    """A trial that lies ahead has no end that Stigg could move: a paid subscription takes its place."""
    old = sold(actions, startDate=in_days(3), trialOverrideConfiguration=on_trial())

    body = actions.ok(ACTION, {"subscriptionId": old, "trialOverrideConfiguration": {"isTrial": False}})

    assert (body["decision"], in_stigg(actions, old)["status"]) == ("replace", "CANCELED")


@pytest.mark.parametrize("fields", [{"trialEndBehavior": None}, {}], ids=["as it is", "the same"])
def test_a_trial_is_extended(actions: Harness, fields: dict[str, Any]) -> None:
    """A later end is a change in place, whether what follows is given or not."""
    subscription_id = sold(actions, trialOverrideConfiguration=on_trial())
    longer = {name: value for name, value in on_trial(days=30, **fields).items() if value is not None}

    body = actions.ok(ACTION, {"salesforceRecordId": LINE, "trialOverrideConfiguration": longer})

    assert (body["outcome"], current(actions)) == ("updated", subscription_id)
    assert in_stigg(actions, subscription_id)["trialEndDate"][:10] == in_days(30)


def test_a_trial_without_an_end_stays(actions: Harness) -> None:
    """A trial that the request gives no end stays as it is."""
    sold(actions, trialOverrideConfiguration=on_trial())

    body = actions.ok(ACTION, {"salesforceRecordId": LINE, "trialOverrideConfiguration": {"isTrial": True}})

    assert (body["outcome"], body["decision"]) == ("unchanged", "none")


def test_a_trial_of_the_app(actions: Harness) -> None:
    """A trial that was made in the Stigg app becomes paid as well."""
    actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-acme", "name": "Acme"})
    terms = {"customerId": "cust-acme", "planId": "plan-growth", "billingPeriod": "MONTHLY"}
    trial = {"isTrial": True, "trialEndDate": f"{in_days(9)}T00:00:00Z", "trialEndBehavior": "CONVERT_TO_PAID"}
    body = {"id": "sub-app", **terms, "paymentCollectionMethod": "NONE", "trialOverrideConfiguration": trial}
    actions.stigg_app("POST", "/api/v1/subscriptions", body)

    answer = actions.ok(ACTION, {"subscriptionId": "sub-app", "trialOverrideConfiguration": {"isTrial": False}})

    assert (answer["outcome"], answer["subscriptionId"]) == ("updated", "sub-app")


def test_a_trial_that_was_just_made_paid_is_none_any_more(actions: Harness) -> None:
    """In the minute that a trial has left once it was made paid, another trial does not take its place."""
    subscription_id = sold(actions, trialOverrideConfiguration=on_trial())
    actions.ok(ACTION, PAID)

    reply = actions.post(ACTION, {"salesforceRecordId": LINE, "trialOverrideConfiguration": on_trial(days=30)})

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "trialOverrideConfiguration")
    actions.set_time(f"{in_days(1)}T12:00:00Z")
    assert in_stigg(actions, subscription_id)["status"] == "ACTIVE"
