"""apply-ramp-steps: each segment of a ramp takes effect when it begins, once."""

from collections.abc import Callable
from typing import Any

import pytest

from stigg_actions.errors import NotFound, RequestInvalid
from tests.support import operators
from tests.support.contexts import Context
from tests.support.days import in_days
from tests.support.deals import ACTION, APP, Body, by_line, deal, entitlement, of, plan, running, writes
from tests.support.harness import SECRET, Harness
from tests.support.ramps import DAYS, PLANS, RUN, YEAR_2, current, pass_days, run, seats, sold, units, year, years
from tests.support.requests import ACCOUNT, TO_BE_PAID, in_stigg


def test_each_segment_in_turn(actions: Harness) -> None:
    """A step is applied when its segment begins and not before, once, and the subscription stays the same."""
    sold(actions)
    subscription = current(actions)

    assert (run(actions), seats(actions)) == ({}, 50)
    pass_days(actions, DAYS)
    before = writes(actions)

    assert run(actions) == {subscription: "applied"}
    assert (seats(actions), writes(actions)) == (80, before + 1)
    assert run(actions) == {}
    pass_days(actions, DAYS)
    assert run(actions) == {subscription: "applied"}
    assert (seats(actions), current(actions), running(actions)) == (120, subscription, ["plan-growth"])
    assert actions.history(APP) == ["created", "stepApplied", "stepApplied"]
    pass_days(actions, DAYS)
    assert run(actions) == {}
    assert in_stigg(actions, subscription)["status"] == "CANCELED"


def test_other_units_need_a_new_subscription(actions: Harness) -> None:
    """A step that Stigg cannot make in place replaces the subscription, which takes the ramp over."""
    sold(actions, *units(50, 80, 120))
    first = current(actions)
    pass_days(actions, DAYS)

    assert run(actions) == {first: "applied"}
    second = current(actions)
    assert (second != first, running(actions)) == (True, ["plan-growth"])
    assert actions.terms(second)["unitQuantity"] == 80
    pass_days(actions, DAYS)
    assert run(actions) == {second: "applied"}
    assert actions.terms(current(actions))["unitQuantity"] == 120
    assert in_stigg(actions, current(actions))["cancellationDate"] is not None


def test_late_by_more_than_a_segment(actions: Harness) -> None:
    """A run that is late applies only the segment that is current."""
    sold(actions)
    pass_days(actions, 2 * DAYS + 1)
    before = writes(actions)

    assert run(actions) == {current(actions): "applied"}
    assert (seats(actions), writes(actions)) == (120, before + 1)


def test_a_deal_that_is_sent_again_changes_nothing(actions: Harness) -> None:
    """The same deal is unchanged before and after each step, and no step is undone or repeated."""
    deal_1 = deal(*years(50, 80, 120))
    actions.ok(ACTION, deal_1)
    for count in (50, 80, 120):
        run(actions)
        before = writes(actions)

        again = actions.ok(ACTION, deal_1)

        assert set(by_line(again).values()) == {"unchanged"}, again
        assert (seats(actions), writes(actions), run(actions)) == (count, before, {})
        pass_days(actions, DAYS)


def test_dry_run(actions: Harness) -> None:
    """A dry run names the steps that are due, and changes nothing."""
    sold(actions)
    pass_days(actions, DAYS)

    answer = actions.invoke(RUN, {"dryRun": True})

    assert answer["outcome"] == "dryRun"
    assert [(step["result"], step["segment"]) for step in answer["steps"]] == [("wouldBeApplied", 1)]
    assert seats(actions) == 50


def _states(actions: Harness, **named: Any) -> list[str]:  # noqa: ANN401 - a name
    """Return the states of the segments of a subscription, as get-subscription shows them."""
    body = actions.ok("get-subscription", named or {"salesforceRecordId": APP})
    return [segment["state"] for segment in body["ramp"]]


def _refused_keys(actions: Harness) -> list[str]:
    """Return the operations that were refused, as an operator lists them."""
    return [one["operationKey"] for one in operators.listed(actions, status="FAILED")["operations"]]


def _overdue(actions: Harness) -> str:
    """Let the invoice of the subscription fall overdue, so that Stigg refuses to replace it; return its id."""
    subscription = current(actions)
    actions.emulator.invoice(subscription, "OPEN")
    return subscription


def test_a_refused_step(actions: Harness) -> None:
    """A step that Stigg refuses is a failed operation: listed, counted for the alarm, tried again after a day."""
    sold(actions, *units(50, 80, 120), paymentCollectionMethod="INVOICE")
    pass_days(actions, DAYS)
    subscription = _overdue(actions)

    answer = actions.invoke(RUN, {})

    (step,) = answer["steps"]
    assert (step["result"], step["errorCode"]) == ("refused", "OPEN_INVOICE")
    assert (_refused_keys(actions), _states(actions)) == ([step["operationKey"]], ["current", "refused", "waiting"])
    before = len(actions.emulator.state()["calls"])
    assert run(actions) == {subscription: "refused"}
    assert len(actions.emulator.state()["calls"]) == before
    actions.emulator.invoice(subscription, "PAID")
    pass_days(actions, 1.1)
    assert run(actions) == {subscription: "applied"}
    assert _states(actions) == ["done", "current", "waiting"]
    assert actions.terms(current(actions))["unitQuantity"] == 80


def test_a_refused_step_is_replayed(actions: Harness) -> None:
    """An operator replays a refused step once the invoice is paid, and it is applied once."""
    sold(actions, *units(50, 80, 120), paymentCollectionMethod="INVOICE")
    pass_days(actions, DAYS)
    subscription = _overdue(actions)
    run(actions)
    (key,) = _refused_keys(actions)
    actions.emulator.invoice(subscription, "PAID")

    assert operators.replayed(actions, key)["outcome"] == "replayed"

    assert (run(actions), actions.terms(current(actions))["unitQuantity"]) == ({}, 80)
    assert operators.replayed(actions, key)["outcome"] == "alreadySucceeded"


def test_one_subscription_at_once(actions: Harness) -> None:
    """An operator may apply the step of one subscription at once, although it was refused a moment ago."""
    sold(actions, *units(50, 80, 120), paymentCollectionMethod="INVOICE")
    pass_days(actions, DAYS)
    subscription = _overdue(actions)
    run(actions)
    actions.emulator.invoice(subscription, "PAID")

    assert run(actions, subscriptionId=subscription) == {subscription: "applied"}
    assert run(actions, subscriptionId=current(actions)) == {}
    with pytest.raises(NotFound, match="has no ramp"):
        run(actions, subscriptionId="sub-unknown")


def test_a_step_that_was_passed_over(actions: Harness) -> None:
    """A refused step is passed over once the next segment begins; replayed later, it changes nothing."""
    sold(actions, *units(50, 80, 120), paymentCollectionMethod="INVOICE")
    pass_days(actions, DAYS)
    subscription = _overdue(actions)
    run(actions)
    (key,) = _refused_keys(actions)
    actions.emulator.invoice(subscription, "PAID")
    pass_days(actions, DAYS)

    with pytest.raises(RequestInvalid, match="a later segment has begun"):
        operators.replayed(actions, key)

    assert run(actions) == {subscription: "applied"}
    assert (actions.terms(current(actions))["unitQuantity"], _states(actions)) == (
        120,
        ["done", "passedOver", "current"],
    )
    assert operators.replayed(actions, key)["outcome"] == "replayed"
    assert actions.terms(current(actions))["unitQuantity"] == 120


def test_a_step_that_awaits_payment(actions: Harness) -> None:
    """A step that waits for a payment is not in force until it is paid, and is not asked for again meanwhile."""
    body = sold(actions, *units(50, 80, 120), **TO_BE_PAID)
    actions.emulator.checkout(body["lines"][0]["subscriptionId"])
    subscription = sold(actions, *units(50, 80, 120), **TO_BE_PAID)["lines"][0]["subscriptionId"]
    pass_days(actions, DAYS)
    actions.stigg_app("DELETE", f"/api/v1/customers/{ACCOUNT}/payment-method", {})

    assert run(actions) == {subscription: "awaitsPayment"}
    assert _states(actions) == ["current", "refused", "waiting"]
    assert run(actions) == {subscription: "awaitsPayment"}


def test_an_amendment_in_between(actions: Harness) -> None:
    """An amendment holds until the next segment that sets the same item; what no segment sets stays changed."""
    sold(actions)
    more = [{"id": "addon-seats", "quantity": 60}, {"id": "addon-support", "quantity": 1}]
    actions.ok("update-subscription", {"salesforceRecordId": APP, "addons": more})
    assert seats(actions) == 60
    pass_days(actions, DAYS)
    run(actions)

    addons = {one["id"]: one["quantity"] for one in in_stigg(actions, current(actions))["addons"]}
    assert addons == {"addon-seats": 80, "addon-support": 1}


def test_an_item_that_no_segment_changes(actions: Harness) -> None:
    """Seats that two segments were sold with alike keep the amended number in both."""
    sold(actions, *years(50, 50, 120))
    actions.ok("update-subscription", {"salesforceRecordId": APP, "addons": [{"id": "addon-seats", "quantity": 60}]})
    for count in (60, 120):
        pass_days(actions, DAYS)
        run(actions)
        assert seats(actions) == count


def test_cancel_now(actions: Harness) -> None:
    """A cancellation says how many segments do not take place, and no step follows."""
    sold(actions)

    body = actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})

    assert body["canceledSegments"] == 2
    assert _states(actions) == ["done", "canceled", "canceled"]
    pass_days(actions, DAYS)
    assert run(actions) == {}


def test_cancel_in_the_app(actions: Harness) -> None:
    """A step of a subscription that was canceled in the Stigg app is called off."""
    sold(actions)
    subscription = current(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{subscription}/cancel", {"cancellationTime": "IMMEDIATE"})
    pass_days(actions, DAYS)

    assert run(actions) == {subscription: "calledOff"}
    assert (run(actions), running(actions)) == ({}, [])


def test_cancel_on_a_date(actions: Harness) -> None:
    """Segments that begin after the end do not take place, and do if the end is moved back."""
    sold(actions)
    end = in_days(DAYS + 100)
    cancel = {"salesforceRecordId": APP, "cancelWhen": "onDate", "endDate": end}

    assert actions.ok("cancel-subscription", cancel)["canceledSegments"] == 1
    assert _states(actions) == ["current", "waiting", "canceled"]
    later = {"salesforceRecordId": APP, "cancellationDate": in_days(3 * DAYS - 1)}
    assert "canceledSegments" not in actions.ok("reschedule-cancellation", later)
    assert _states(actions) == ["current", "waiting", "waiting"]


def test_another_plan_ends_the_ramp(actions: Harness) -> None:
    """A renewal to another plan says that the later segments do not take place, and none does."""
    sold(actions)

    body = actions.ok("renew-subscription", {"salesforceRecordId": APP, "planId": "plan-starter"})

    assert any("segments" in reason for reason in body["reasons"])
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({}, 50)


def test_a_replacement_with_the_same_plan(actions: Harness) -> None:
    """A replacement with the same plan takes the ramp over, also for another record."""
    sold(actions)
    new = "00k000000000051AAA"
    request = {"salesforceRecordId": APP, "newSalesforceRecordId": new, "strategy": "replace"}

    body = actions.ok("renew-subscription", request)

    assert not any("segments" in reason for reason in body["reasons"])
    assert _states(actions, salesforceRecordId=new) == ["current", "waiting", "waiting"]
    pass_days(actions, DAYS)
    assert run(actions) == {current(actions, new): "applied"}
    assert seats(actions, new) == 80


def test_a_replacement_that_starts_later(actions: Harness) -> None:
    """A scheduled replacement has no ramp; the steps of the subscription that runs until then are applied."""
    sold(actions)
    start = in_days(DAYS + 30)
    request = {"salesforceRecordId": APP, "strategy": "replace", "startDate": start}

    body = actions.ok("renew-subscription", request)

    assert any("segments" in reason for reason in body["reasons"])
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({current(actions): "applied"}, 80)
    pass_days(actions, DAYS)
    assert set(run(actions).values()) <= {"calledOff"}
    assert run(actions) == {}


@pytest.mark.parametrize("when", ["now", "endOfBillingPeriod"])
def test_a_downgrade_ends_the_ramp(actions: Harness, when: str) -> None:
    """After a downgrade, no step is applied to the grace plan."""
    sold(actions)
    actions.ok("downgrade-subscription", {"salesforceRecordId": APP, "downgradeWhen": when})
    pass_days(actions, DAYS)

    run(actions)

    assert (run(actions), running(actions), seats(actions)) == ({}, ["plan-grace"], None)


@pytest.mark.parametrize(("lines", "result"), [(years, "applied"), (units, "refused")])
def test_a_downgrade_that_waits(actions: Harness, lines: Callable[..., list[Body]], result: str) -> None:
    """A step before a scheduled downgrade is applied in place, and refused where it would replace the subscription."""
    sold(actions, *lines(50, 80, 120))
    actions.ok("downgrade-subscription", {"salesforceRecordId": APP, "downgradeWhen": "endOfContract"})
    pass_days(actions, DAYS)

    assert run(actions) == {current(actions): result}
    record = actions.mapping(APP)
    assert record is not None
    assert record.upcoming is not None


def test_a_scheduled_change_that_a_step_would_drop(actions: Harness) -> None:
    """A step that replaces the subscription is refused while a scheduled change waits on it, and says what to do."""
    dates = [{"startDate": in_days(start), "endDate": in_days(start + 99)} for start in (0, 100)]
    lines = [
        {**plan(line, **of_line), "quantity": count} for line, of_line, count in zip(PLANS, dates, (5, 8), strict=False)
    ]
    sold(actions, *lines, billingPeriod="Annually")
    later = {"addons": [{"id": "addon-support", "quantity": 1}], "scheduleStrategy": "END_OF_BILLING_PERIOD"}
    actions.ok("update-subscription", {"salesforceRecordId": APP, **later})
    pass_days(actions, 100)

    assert run(actions) == {current(actions): "refused"}
    (listed,) = operators.listed(actions, status="FAILED")["operations"]
    assert "cancel-scheduled-update" in listed["errorMessage"]
    assert listed["whatToDo"] == "Do what the message says, then replay it."
    actions.ok("cancel-scheduled-update", {"salesforceRecordId": APP})
    operators.replayed(actions, listed["operationKey"])
    assert actions.terms(current(actions))["unitQuantity"] == 8


def test_moves(actions: Harness) -> None:
    """A ramp moves with its subscription to another resource, and to another customer."""
    sold(actions)
    subscription = current(actions)
    actions.ok("transfer-subscription", {"salesforceRecordId": APP, "destinationResourceId": "site-2"})
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({subscription: "applied"}, 80)
    actions.ok("create-customer", {"customerId": "cust-other", "name": "Other"})
    actions.ok("delegate-subscription", {"subscriptionId": subscription, "destinationCustomerId": "cust-other"})
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({subscription: "applied"}, 120)
    assert in_stigg(actions, subscription)["customerId"] == "cust-other"


def test_an_archived_customer(actions: Harness) -> None:
    """The ramps of a customer that is archived are over."""
    sold(actions)
    actions.ok("archive-customer", {"salesforceAccountId": ACCOUNT, "cancelSubscriptions": True})
    pass_days(actions, DAYS)

    assert run(actions) == {}


def test_a_subscription_that_its_record_gave_up(actions: Harness) -> None:
    """A subscription that a record released for another one gets no more steps."""
    sold(actions)
    released = current(actions)
    terms = {"customerId": ACCOUNT, "planId": "plan-workspace", "resourceId": "site-1", "billingPeriod": "MONTHLY"}
    actions.stigg_app("POST", "/api/v1/subscriptions", {"id": "sub-app", **terms, "paymentCollectionMethod": "NONE"})
    actions.ok("adopt-subscription", {"subscriptionId": "sub-app", "salesforceRecordId": APP, "replaceMapping": True})
    pass_days(actions, DAYS)

    assert (run(actions), released in str(actions.emulator.state()["subscriptions"])) == ({}, True)


def test_get_customer_shows_ramps(actions: Harness) -> None:
    """get-customer shows the segments of each subscription, with what they were sold with."""
    sold(actions)

    (subscription,) = actions.ok("get-customer", {"salesforceAccountId": ACCOUNT})["subscriptions"]

    assert [segment["addons"] for segment in subscription["ramp"]] == [
        [{"id": "addon-seats", "quantity": count}] for count in (50, 80, 120)
    ]
    assert subscription["ramp"][1]["startDate"].startswith(in_days(DAYS))
    assert subscription["ramp"][0]["endDate"] == subscription["ramp"][1]["startDate"]
    by_id = actions.ok("get-subscription", {"subscriptionId": subscription["subscriptionId"]})
    assert by_id["ramp"] == subscription["ramp"]


def test_the_key_is_rejected(actions: Harness) -> None:
    """While the key is wrong, steps are deferred; the first run with a valid key applies them."""
    sold(actions)
    subscription = current(actions)
    pass_days(actions, DAYS)
    actions.store_secret({**SECRET, "apiKey": "server-wrong"})
    container = actions.container()
    answer = actions.invoke(RUN, {}, container=container)
    assert [step["result"] for step in answer["steps"]] == ["deferred"]
    actions.store_secret(SECRET)

    assert run(actions) == {subscription: "applied"}


def test_more_than_one_run_can_do(actions: Harness) -> None:
    """A run that has no time for another step says so, and the next one continues."""
    sold(actions)
    pass_days(actions, DAYS)
    answer = actions.invoke(RUN, {}, Context(26.0))

    assert (answer["steps"], answer["complete"]) == ([], False)
    assert run(actions) == {current(actions): "applied"}


def test_a_step_that_is_under_way_is_waiting(actions: Harness) -> None:
    """A segment that has begun and was not refused is shown as waiting, with its entitlements."""
    plans = [plan(line, **year(number)) for number, line in enumerate(PLANS[:2], start=1)]
    limits = [
        entitlement("00k000000000081AAA", 60, planLineItemId=APP),
        entitlement("00k000000000082AAA", 60, planLineItemId=YEAR_2, hasUnlimitedUsage=True),
    ]
    sold(actions, *plans, *limits)
    pass_days(actions, DAYS)

    first, second = actions.ok("get-subscription", {"salesforceRecordId": APP})["ramp"]

    assert (first["state"], second["state"]) == ("current", "waiting")
    assert first["entitlements"] == [{"id": "feature-seats", "type": "FEATURE", "quantity": 60}]
    assert second["entitlements"] == [{"id": "feature-seats", "type": "FEATURE", "unlimited": True}]


def test_answers_without_segments(actions: Harness) -> None:
    """The answer of an action that says nothing of segments is as without a ramp."""
    sold(actions, *units(50, 80), paymentCollectionMethod="INVOICE")
    actions.emulator.invoice(current(actions), "OPEN")

    assert "canceledSegments" not in actions.ok("mark-invoice-paid", {"salesforceRecordId": APP})


def test_a_sale_that_is_paid_later(actions: Harness) -> None:
    """A ramp that is paid for later has its segments, although the deal is not sent again."""
    body = sold(actions, **TO_BE_PAID)
    assert {line["outcome"] for line in body["lines"]} == {"paymentRequired"}
    actions.emulator.checkout(of(body, APP)["subscriptionId"])
    actions.ok("set-subscription-metadata", {"salesforceRecordId": APP, "metadata": {"tier": "gold"}})
    pass_days(actions, DAYS)

    assert (run(actions), seats(actions)) == ({current(actions): "applied"}, 80)


def test_a_subscription_of_the_app_with_a_ramp(actions: Harness) -> None:
    """A subscription of the Stigg app that the first line names gets the segments of the deal."""
    actions.ok("create-customer", {"customerId": ACCOUNT, "name": "Acme", "salesforceAccountId": ACCOUNT})
    terms = {"customerId": ACCOUNT, "planId": "plan-growth", "billingPeriod": "MONTHLY"}
    actions.stigg_app("POST", "/api/v1/subscriptions", {"id": "sub-app", **terms, "paymentCollectionMethod": "NONE"})
    lines = years(50, 80, 120)

    sold(actions, {**lines[0], "subscriptionId": "sub-app"}, *lines[1:])

    assert (current(actions), seats(actions)) == ("sub-app", 50)
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({"sub-app": "applied"}, 80)


def test_an_adopted_ramp_stays(actions: Harness) -> None:
    """A ramp moves along when another record adopts its subscription, and stays when that record asks for it again."""
    sold(actions)
    subscription, new = current(actions), "00k000000000091AAA"
    adopt = {"subscriptionId": subscription, "salesforceRecordId": new, "replaceMapping": True}
    actions.ok("adopt-subscription", adopt)
    wanted = {
        "customerId": ACCOUNT,
        "salesforceRecordId": new,
        "planId": "plan-growth",
        "billingPeriod": "MONTHLY",
        "paymentCollectionMethod": "NONE",
        "addons": [{"id": "addon-seats", "quantity": 50}],
        "cancellationDate": in_stigg(actions, subscription)["cancellationDate"],
    }

    body = actions.ok("create-subscription-with-return-data", wanted)

    assert (body["outcome"], body["subscriptionId"]) == ("unchanged", subscription)
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions, new)) == ({subscription: "applied"}, 80)
