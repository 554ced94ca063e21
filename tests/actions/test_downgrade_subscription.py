"""downgrade-subscription, in this process."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.crashes import crash
from tests.support.days import in_days
from tests.support.harness import Harness
from tests.support.requests import LINE, OTHER_LINE, current, grant, in_stigg, sold, sold_in_the_app, upcoming

ACTION = "downgrade-subscription"
POST_SUBSCRIPTION = "POST .*/subscriptions$"
A_YEAR = 366 * 24 * 3600
A_DAY = 24 * 3600 + 1
CONTRACT_END = in_days(200)


def downgrade(**changes: object) -> dict[str, Any]:
    """Move the customer of the line to the stack's grace plan, now; None drops a field."""
    request = {"salesforceRecordId": LINE, **changes}
    return {name: value for name, value in request.items() if value is not None}


def plans(actions: Harness, *statuses: str) -> list[str]:
    """Return the plans of the subscriptions in Stigg that stand like this."""
    wanted = statuses or ("ACTIVE",)
    return [one["planId"] for one in actions.emulator.state()["subscriptions"] if one["status"] in wanted]


def sold_until(actions: Harness, date: str = CONTRACT_END) -> str:
    """Sell a contract that ends by itself."""
    return sold(actions, cancellationDate=date)


def test_now(actions: Harness) -> None:
    """The grace plan takes the place of the subscription at once; the record is mapped to it."""
    old = sold(actions)

    body = actions.ok(ACTION, downgrade())

    assert (body["outcome"], body["planId"], body["status"]) == ("replaced", "plan-grace", "ACTIVE")
    assert body["replacedSubscriptionId"] == old
    assert (plans(actions), current(actions)) == (["plan-grace"], body["subscriptionId"])
    assert actions.live("cust-acme") == [body["subscriptionId"]]
    assert actions.history(LINE) == ["created", "downgraded"]
    assert in_stigg(actions, body["subscriptionId"])["metadata"]["salesforceRecordId"] == LINE


def test_one_call_on_expiry(actions: Harness) -> None:
    """When the contract has expired, whatever moment is asked for is now: nothing is left to be replaced."""
    sold_until(actions)
    actions.emulator.advance(A_YEAR)

    body = actions.ok(ACTION, downgrade(downgradeWhen="endOfContract"))

    assert (body["outcome"], body["status"], plans(actions)) == ("created", "ACTIVE", ["plan-grace"])
    assert (current(actions), actions.live("cust-acme")) == (body["subscriptionId"], [body["subscriptionId"]])
    assert actions.history(LINE) == ["created", "downgraded"]


def test_at_the_end_of_the_contract(actions: Harness) -> None:
    """The subscription runs on, and stays the record's, until its date; then the grace plan takes over by itself."""
    old = sold_until(actions)

    body = actions.ok(ACTION, downgrade(downgradeWhen="End of contract"))

    assert (body["outcome"], body["status"], body["startDate"]) == (
        "scheduled",
        "NOT_STARTED",
        f"{CONTRACT_END}T23:59:59Z",
    )
    assert (current(actions), upcoming(actions)) == (old, body["subscriptionId"])
    assert actions.history(LINE) == ["created", "downgradeScheduled"]
    actions.emulator.advance(A_YEAR)
    actions.clock.skip(A_YEAR)
    assert (plans(actions), current(actions), upcoming(actions)) == (["plan-grace"], body["subscriptionId"], None)


def test_at_the_end_of_the_billing_period(actions: Harness) -> None:
    """Stigg puts the grace plan off until the period's end."""
    old = sold(actions)

    body = actions.ok(ACTION, downgrade(downgradeWhen="endOfBillingPeriod"))

    ends = in_stigg(actions, old)["currentBillingPeriodEnd"]
    assert (body["outcome"], body["startDate"][:19]) == ("scheduled", ends[:19])
    assert (current(actions), upcoming(actions)) == (old, body["subscriptionId"])


@pytest.mark.parametrize(
    ("terms", "wish", "problem"),
    [
        ({"planId": "plan-free", "billingPeriod": None}, "endOfBillingPeriod", "has no billing period"),
        ({}, "endOfContract", "has no cancellation date"),
    ],
)
def test_no_such_moment(actions: Harness, terms: dict[str, object], wish: str, problem: str) -> None:
    """A moment that the subscription does not have is refused by us, and nothing changes."""
    old = sold(actions, **terms)

    reply = actions.post(ACTION, downgrade(downgradeWhen=wish))

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "downgradeWhen")
    assert problem in reply.body["details"][0]["problem"]
    assert (current(actions), actions.live("cust-acme")) == (old, [old])


def test_terms_of_the_new_subscription(actions: Harness) -> None:
    """The plan may be named, and given terms of its own."""
    sold(actions)
    terms = {
        "planId": "plan-starter",
        "billingPeriod": "MONTHLY",
        "paymentCollectionMethod": "NONE",
        "addons": [{"id": "addon-seats", "quantity": 2}],
        "cancellationDate": "2099-01-31",
        "metadata": {"reason": "expired"},
    }

    body = actions.ok(ACTION, downgrade(**terms))

    assert (body["planId"], body["addons"]) == ("plan-starter", [{"id": "addon-seats", "quantity": 2}])
    assert body["cancellationDate"] == "2099-01-31T23:59:59Z"
    assert in_stigg(actions, body["subscriptionId"])["metadata"]["reason"] == "expired"
    assert actions.terms(body["subscriptionId"])["billingPeriod"] == "MONTHLY"


@pytest.mark.parametrize("field", ["startDate", "scheduleStrategy"])
def test_there_is_one_way_to_say_when(actions: Harness, field: str) -> None:
    """Stigg's own words for the moment are no fields of this action."""
    value = {"startDate": "2027-01-01", "scheduleStrategy": "IMMEDIATE"}[field]

    reply = actions.post(ACTION, downgrade(**{field: value}))

    assert [detail["field"] for detail in reply.body["details"]] == [field]


def test_no_plan_to_move_to(actions: Harness) -> None:
    """Without a plan in the request or in the stack, the request is refused before anything is recorded."""
    sold(actions)
    without = actions.with_settings(grace_plan_id=None)

    reply = without.post(ACTION, downgrade())

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "planId")
    assert "GracePlanId" in reply.body["details"][0]["problem"]
    assert [kind for kind, _ in actions.operations()] == ["provision"]


def test_repeats(actions: Harness) -> None:
    """A repeat is answered again, whether it names the plan or not; a day later what is so already is unchanged."""
    sold(actions)
    first = actions.ok(ACTION, downgrade())

    again = actions.ok(ACTION, downgrade())
    otherwise = actions.ok(ACTION, downgrade(planId="plan-grace"))
    actions.clock.skip(A_DAY)
    later = actions.ok(ACTION, downgrade())

    assert (again["replayed"], otherwise["replayed"], later["outcome"]) == (True, True, "unchanged")
    assert {body["subscriptionId"] for body in (again, otherwise, later)} == {first["subscriptionId"]}
    assert actions.history(LINE) == ["created", "downgraded"]
    assert actions.terms(first["subscriptionId"])["planId"] == "plan-grace"


def test_what_is_scheduled_is_not_scheduled_twice(actions: Harness) -> None:
    """A day later, the downgrade that waits is as asked; downgraded now, it gives way."""
    sold_until(actions)
    first = actions.ok(ACTION, downgrade(downgradeWhen="endOfContract"))
    actions.clock.skip(A_DAY)

    later = actions.ok(ACTION, downgrade(downgradeWhen="endOfContract"))
    now = actions.ok(ACTION, downgrade())

    assert (later["outcome"], later["subscriptionId"]) == ("unchanged", first["subscriptionId"])
    assert (now["outcome"], plans(actions, "ACTIVE", "NOT_STARTED")) == ("replaced", ["plan-grace"])
    assert (current(actions), upcoming(actions)) == (now["subscriptionId"], None)


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """What was sold in Stigg's app is named by its id; its repeat does not downgrade the grace plan again."""
    old = sold_in_the_app(actions)
    request = downgrade(salesforceRecordId=None, subscriptionId=old)

    body = actions.ok(ACTION, request)
    again = actions.ok(ACTION, request)
    actions.clock.skip(A_DAY)
    later = actions.ok(ACTION, request)

    assert (body["outcome"], again["replayed"], later["outcome"]) == ("replaced", True, "unchanged")
    assert (plans(actions), actions.live("cust-acme")) == (["plan-grace"], [body["subscriptionId"]])


def test_on_its_own_resource(actions: Harness) -> None:
    """The new subscription is for the resource of the old one; its own plan is one to keep, unless terms differ."""
    old = sold(actions, planId="plan-workspace", resourceId="site-1", addons=[{"id": "addon-seats", "quantity": 5}])
    same = {"planId": "plan-workspace", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE"}

    unchanged = actions.ok(ACTION, downgrade(**same))
    body = actions.ok(ACTION, downgrade(**same, addons=[{"id": "addon-seats", "quantity": 1}]))

    assert (unchanged["outcome"], unchanged["subscriptionId"]) == ("unchanged", old)
    assert (body["outcome"], body["resourceId"], body["addons"]) == (
        "replaced",
        "site-1",
        [{"id": "addon-seats", "quantity": 1}],
    )


def test_a_plan_of_another_product_is_refused(actions: Harness) -> None:
    """A plan that would run beside the present one, rather than in its place, is refused before anything is sent."""
    old = sold(actions, planId="plan-workspace", resourceId="site-1")

    reply = actions.post(ACTION, downgrade())

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "planId")
    assert "another product" in reply.body["details"][0]["problem"]
    assert (plans(actions), actions.live("cust-acme", "site-1")) == (["plan-workspace"], [old])


def test_a_trial_is_refused(actions: Harness) -> None:
    """A trial takes the place of trials alone."""
    sold(actions)
    trial = {"trialOverrideConfiguration": {"isTrial": True, "trialEndDate": "2099-01-31"}}

    reply = actions.post(ACTION, downgrade(planId="plan-starter", billingPeriod="MONTHLY", **trial))

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "trialOverrideConfiguration")
    assert plans(actions) == ["plan-growth"]


def test_a_contract_that_was_renewed_ahead_is_not_downgraded(actions: Harness) -> None:
    """On expiry, the old line's subscription is followed by the renewal's: a downgrade would end that one."""
    sold_until(actions)
    ahead = {"newSalesforceRecordId": OTHER_LINE, "startDate": in_days(201), "cancellationDate": in_days(565)}
    renewed = actions.ok("renew-subscription", {"salesforceRecordId": LINE, **ahead})
    actions.emulator.advance(A_YEAR)
    actions.clock.skip(A_YEAR)

    reply = actions.post(ACTION, downgrade())

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "salesforceRecordId")
    assert renewed["subscriptionId"] in reply.body["details"][0]["problem"]
    assert plans(actions) == ["plan-growth"]


def test_another_moment_moves_what_waits(actions: Harness) -> None:
    """A downgrade that waits for another moment than the one asked for gives way to one that does."""
    old = sold_until(actions)
    first = actions.ok(ACTION, downgrade(downgradeWhen="endOfContract"))

    body = actions.ok(ACTION, downgrade(downgradeWhen="endOfBillingPeriod"))

    assert (body["outcome"], body["startDate"] < first["startDate"]) == ("scheduled", True)
    assert (current(actions), upcoming(actions)) == (old, body["subscriptionId"])
    assert plans(actions, "NOT_STARTED") == ["plan-grace"]


def test_one_that_was_called_off_is_wanted_anew(actions: Harness) -> None:
    """The downgrade that waited is canceled, and asked for again with the same words: it waits again."""
    sold_until(actions)
    first = actions.ok(ACTION, downgrade(downgradeWhen="endOfContract"))
    actions.ok("cancel-subscription", {"subscriptionId": first["subscriptionId"], "cancelWhen": "now"})

    again = actions.ok(ACTION, downgrade(downgradeWhen="endOfContract"))

    assert (again["outcome"], again["replayed"], plans(actions, "NOT_STARTED")) == ("scheduled", False, ["plan-grace"])
    assert upcoming(actions) == again["subscriptionId"] != first["subscriptionId"]


def test_a_replaced_subscription_is_not_downgraded(actions: Harness) -> None:
    """An id whose place another subscription has taken is refused: downgrading would end that one."""
    old = sold(actions)
    renewed = sold(actions, salesforceRecordId=OTHER_LINE, planId="plan-starter")

    reply = actions.post(ACTION, downgrade(salesforceRecordId=None, subscriptionId=old))

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "subscriptionId")
    assert plans(actions) == [in_stigg(actions, renewed)["planId"]]


def test_a_subscription_that_stigg_has_lost(actions: Harness) -> None:
    """A live subscription of the plan that Stigg no longer knows does not count as there already."""
    sold(actions, salesforceRecordId=OTHER_LINE, planId="plan-grace", billingPeriod=None)
    lost = actions.live("cust-acme")[0]
    app = sold_in_the_app(actions, planId="plan-growth")
    actions.emulator.fault("GET", f"/subscriptions/{lost}$", "status", 404)

    body = actions.ok(ACTION, downgrade(salesforceRecordId=None, subscriptionId=app))

    assert body["planId"] == "plan-grace"
    assert body["subscriptionId"] != lost


def test_an_open_invoice_blocks(actions: Harness) -> None:
    """A downgrade of a subscription whose invoice is overdue is refused, with the invoice; paid, it goes through."""
    old = sold(actions, paymentCollectionMethod="INVOICE")
    actions.emulator.invoice(old, "OPEN")

    refused = actions.post(ACTION, downgrade())
    actions.emulator.invoice(old, "PAID")
    body = actions.ok(ACTION, downgrade())

    assert (refused.status, refused.body["errorCode"]) == (409, "OPEN_INVOICE")
    assert refused.body["openInvoice"]["subscriptionId"] == old
    assert (body["outcome"], actions.history(LINE)) == ("replaced", ["created", "downgraded"])


def test_payment_first(actions: Harness) -> None:
    """A paid plan without a card waits for its payment page; once paid, a repeat maps the record to it."""
    old = sold(actions)
    terms = {"planId": "plan-starter", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "CHARGE"}
    page = {"successUrl": "https://acme.example/ok", "cancelUrl": "https://acme.example/no"}
    request = downgrade(**terms, checkoutOptions=page)

    waiting = actions.ok(ACTION, request)
    again = actions.ok(ACTION, request)
    mapped = current(actions)
    actions.emulator.checkout(waiting["subscriptionId"])
    paid = actions.ok(ACTION, request)

    assert (waiting["outcome"], waiting["active"], again["replayed"], mapped) == ("paymentRequired", False, True, old)
    assert (paid["outcome"], paid["active"], current(actions)) == ("replaced", True, waiting["subscriptionId"])


@pytest.mark.parametrize(
    ("request_body", "status", "code"),
    [
        (downgrade(planId="plan-nowhere"), 404, "PLAN_NOT_FOUND"),
        (downgrade(salesforceRecordId=OTHER_LINE), 404, "MAPPING_NOT_FOUND"),
        (downgrade(salesforceRecordId=None, subscriptionId="sub-nowhere"), 404, "SUBSCRIPTION_NOT_FOUND"),
        (downgrade(subscriptionId="sub-1"), 400, "INVALID_REQUEST"),
    ],
)
def test_refusals(actions: Harness, request_body: dict[str, Any], status: int, code: str) -> None:
    """What does not exist, or is named twice, is refused by name."""
    sold(actions)

    reply = actions.post(ACTION, request_body)

    assert (reply.status, reply.body["errorCode"]) == (status, code)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("wish", ["now", "endOfContract"])
def test_a_killed_process_is_carried_on(actions: Harness, wish: str, *, after: bool) -> None:
    """Killed before or after the POST, the repeat ends with one new subscription and a true mapping."""
    sold_until(actions)
    crash(actions, ACTION, downgrade(downgradeWhen=wish), POST_SUBSCRIPTION, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, downgrade(downgradeWhen=wish))

    assert plans(actions, "ACTIVE", "NOT_STARTED").count("plan-grace") == 1
    assert body["subscriptionId"] == (current(actions) if wish == "now" else upcoming(actions))
    assert len(actions.history(LINE)) == 2


def test_another_write_settles_a_killed_one(actions: Harness) -> None:
    """Another write of the customer finds what a killed process did, and records it: mapping, live list, history."""
    sold(actions)
    crash(actions, ACTION, downgrade(), POST_SUBSCRIPTION, after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("downgrade", "SUCCEEDED") in actions.operations()
    assert actions.live("cust-acme") == [current(actions)]
    assert (plans(actions), actions.history(LINE)) == (["plan-grace"], ["created", "downgraded"])


@pytest.mark.parametrize("fault", ["cutAfter", "garbage"])
def test_lost_answers(actions: Harness, fault: str) -> None:
    """When the answer to the POST is lost after its effect, it is found by its id within the same call."""
    sold(actions)
    actions.emulator.fault("POST", "/subscriptions$", fault)

    body = actions.ok(ACTION, downgrade())

    assert (body["outcome"], plans(actions), current(actions)) == ("replaced", ["plan-grace"], body["subscriptionId"])


def test_many_at_once(actions: Harness) -> None:
    """Eight identical requests at once make one downgrade, and eight equal answers."""
    sold(actions)

    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda _: actions.ok(ACTION, downgrade()), range(8)))

    assert len({body["subscriptionId"] for body in bodies}) == 1
    assert (plans(actions), actions.history(LINE)) == (["plan-grace"], ["created", "downgraded"])


def test_a_second_downgrade_keeps_what_was_before_the_first(actions: Harness) -> None:
    """However deep a customer falls, a renewal restores what was there at first."""
    first = sold(actions, addons=[{"id": "addon-seats", "quantity": 5}])
    actions.ok(ACTION, downgrade(planId="plan-starter", billingPeriod="MONTHLY", paymentCollectionMethod="NONE"))
    actions.ok(ACTION, downgrade())

    body = actions.ok("renew-subscription", {"salesforceRecordId": LINE, "restore": True})

    assert (body["outcome"], body["planId"]) == ("replaced", "plan-growth")
    assert body["addons"] == [{"id": "addon-seats", "quantity": 5}]
    assert (plans(actions), body["subscriptionId"] != first) == (["plan-growth"], True)
    assert actions.history(LINE) == ["created", "downgraded", "downgraded", "renewed"]
