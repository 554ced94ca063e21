"""provision-opportunity: quantities that sell nothing, amounts as currencies have them, what a customer keeps."""

from typing import Any

import pytest

from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    LIMIT,
    SEATS,
    SPACE,
    TOKENS,
    addon,
    bonus,
    by_line,
    credit,
    deal,
    entitlement,
    of,
    of_app,
    plan,
    running,
    space,
    writes,
)
from tests.support.harness import Harness
from tests.support.requests import ACCOUNT, in_stigg

NOT_SOLD: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "a plan": (space() | {"quantity": 0}, {SPACE: "failed"}, "use cancel-subscription"),
    "an add-on": (of_app(addon(quantity=0)), {SEATS: "failed"}, "removeAddons"),
    "less of an add-on": (of_app(addon(quantity=-2)), {SEATS: "failed"}, "not the difference"),
    "an entitlement": (of_app(entitlement(quantity=-1)), {LIMIT: "failed"}, "removeEntitlements"),
    "credits": (of_app(credit(quantity=0)), {TOKENS: "failed"}, "removeEntitlements"),
    "a grant": (bonus(quantity=-500), {BONUS: "failed"}, "were granted stay"),
}


@pytest.mark.parametrize("what", NOT_SOLD)
def test_a_line_that_sells_nothing(actions: Harness, what: str) -> None:
    """A quantity of 0 or less fails its line alone, says what it means, and the other lines go through."""
    line, expected, words = NOT_SOLD[what]

    body = actions.ok(ACTION, deal(plan(), line))

    failed = of(body, line["salesforceLineItemId"])
    assert (body["outcome"], by_line(body)) == ("partial", {APP: "created"} | expected)
    assert (failed["errorCode"], failed["retryable"], body["retryable"]) == ("INVALID_REQUEST", False, False)
    assert failed["message"].startswith("INVALID_REQUEST: lineItems[1].quantity: is ")
    assert words in failed["message"]
    assert (running(actions), writes(actions)) == (["plan-growth"], 1)


def test_what_goes_with_a_plan_that_is_not_sold(actions: Harness) -> None:
    """What goes with a plan that is not sold is not sold either, and says so."""
    lines = [plan() | {"quantity": 0}, of_app(addon()), of_app(addon(TOKENS, quantity=0)), bonus()]

    body = actions.ok(ACTION, deal(*lines))

    assert by_line(body) == {APP: "failed", SEATS: "failed", TOKENS: "failed", BONUS: "created"}
    assert (of(body, SEATS)["planLineItemId"], of(body, TOKENS)["planLineItemId"]) == (APP, APP)
    assert APP in of(body, SEATS)["message"]


def test_a_limit_of_nothing(actions: Harness) -> None:
    """A feature's limit may be 0: that is a limit."""
    body = actions.ok(ACTION, deal(plan(), entitlement(quantity=0)))

    assert by_line(body) == {APP: "created", LIMIT: "created"}
    sent = in_stigg(actions, of(body, APP)["subscriptionId"])["sent"]
    assert sent["entitlements"] == [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 0}]


def test_a_line_that_is_set_to_nothing_stays_as_it_was(actions: Harness) -> None:
    """What a line sold before stays when it is set to 0, in the sum with other lines too, and comes back unchanged."""
    lines = [plan(), addon(quantity=3), addon(TOKENS, quantity=4)]
    sold = of(actions.ok(ACTION, deal(*lines)), APP)["subscriptionId"]

    body = actions.ok(ACTION, deal(plan(), addon(quantity=2), addon(TOKENS, quantity=0)))

    assert by_line(body) == {APP: "amended", SEATS: "amended", TOKENS: "failed"}
    assert in_stigg(actions, sold)["addons"] == [{"id": "addon-seats", "quantity": 6}]
    assert by_line(actions.ok(ACTION, deal(plan(), addon(quantity=2), addon(TOKENS, quantity=4)))) == {
        APP: "unchanged", SEATS: "unchanged", TOKENS: "unchanged",
    }  # fmt: skip


def test_a_total_is_rounded(actions: Harness) -> None:
    """The price of a grant in all is rounded to the smallest unit of its currency, as an invoice is."""
    term = {"paymentCollectionMethod": "NONE", "creditsAs": "grant"}
    thirds = credit(BONUS, 3, grantType="PAID", unitPrice=0.333333)
    actions.ok(ACTION, deal(thirds, **term))
    half = credit(TOKENS, 1, grantType="PAID", unitPrice=10.5)
    yen = {
        "salesforceAccountId": "001000000000002AAA", "salesforceOpportunityId": "006000000000002AAA", "currency": "JPY",
    }  # fmt: skip
    actions.ok(ACTION, deal(half, **term, **yen))

    costs = [grant["cost"] for grant in actions.emulator.state()["grants"]]
    assert costs == [{"amount": 1, "currency": "usd"}, {"amount": 11, "currency": "jpy"}]
    assert by_line(actions.ok(ACTION, deal(thirds, **term))) == {BONUS: "unchanged"}


def test_another_currency(actions: Harness) -> None:
    """A deal in another currency than its customer's is refused with both, and the customer keeps its own."""
    actions.ok(ACTION, deal(plan()))

    for changes in ({}, {"updateCustomer": True}):
        reply = actions.post(ACTION, deal(plan(), addon(), currency="EUR", **changes))
        (problem,) = reply.body["details"]

        assert (reply.status, problem["field"]) == (400, "currency")
        assert all(word in problem["problem"] for word in ("EUR", "USD", ACCOUNT, "create-customer"))

    (customer,) = actions.emulator.state()["customers"]
    assert (customer["billingCurrency"], writes(actions)) == ("usd", 1)
    assert by_line(actions.ok(ACTION, deal(plan(), currency="USD"))) == {APP: "unchanged"}


def test_a_customer_without_a_currency(actions: Harness) -> None:
    """A customer that has no currency yet gets that of its first deal; one that has it needs none."""
    actions.ok("create-customer", {"salesforceAccountId": ACCOUNT, "name": "Acme"})

    body = actions.ok(ACTION, deal(plan(), currency="EUR"))

    (customer,) = actions.emulator.state()["customers"]
    assert (body["customerOutcome"], customer["billingCurrency"]) == ("updated", "eur")
    assert actions.ok(ACTION, deal(plan(), currency=None))["customerOutcome"] == "unchanged"


def test_what_a_customer_has_stays(actions: Harness) -> None:
    """Name and e-mail address of a deal only fill what is empty, unless they are to replace it."""
    actions.ok("create-customer", {"salesforceAccountId": ACCOUNT, "email": "finance@acme.example"})
    filled = actions.ok(ACTION, deal(plan()))
    (first,) = actions.emulator.state()["customers"]

    other = deal(plan(), customerName="Acme Ltd", customerEmail="other@acme.example")
    kept, replaced = actions.ok(ACTION, other), actions.ok(ACTION, {**other, "updateCustomer": True})
    (last,) = actions.emulator.state()["customers"]

    assert (first["name"], first["email"]) == ("Acme", "finance@acme.example")
    assert [body["customerOutcome"] for body in (filled, kept, replaced)] == ["updated", "unchanged", "updated"]
    assert [body["outcome"] for body in (filled, kept, replaced)] == ["provisioned", "unchanged", "provisioned"]
    assert (last["name"], last["email"]) == ("Acme Ltd", "other@acme.example")


def test_a_lost_answer_about_a_customer_that_keeps_its_own(actions: Harness) -> None:
    """A customer that keeps what it has is found to be as wanted when the answer to its change is lost."""
    actions.ok("create-customer", {"salesforceAccountId": ACCOUNT, "email": "finance@acme.example"})
    actions.emulator.fault("PATCH", "/customers/", "cutAfter", times=3)

    assert actions.ok(ACTION, deal(plan()))["customerOutcome"] == "updated"
    (customer,) = actions.emulator.state()["customers"]
    assert (customer["name"], customer["email"]) == ("Acme", "finance@acme.example")


def test_a_plan_that_stigg_does_not_show_needs_no_period(actions: Harness) -> None:
    """Without a billing period the plan is read; one that is not there is refused when it is provisioned, alone."""
    body = actions.ok(ACTION, deal(plan(plan_id="plan-nowhere"), bonus(), billingPeriod=None))

    assert by_line(body) == {APP: "failed", BONUS: "created"}
    assert of(body, APP)["errorCode"] == "PLAN_NOT_FOUND"


def test_plans_that_are_not_paid_need_no_period(actions: Harness) -> None:
    """A free or custom plan has no billing period, and a subscription that is there keeps its own."""
    assert by_line(actions.ok(ACTION, deal(plan(plan_id="plan-free"), billingPeriod=None))) == {APP: "created"}
    assert by_line(actions.ok(ACTION, deal(space()))) == {SPACE: "created", APP: "removed"}
    assert by_line(actions.ok(ACTION, deal(space(), addon(), billingPeriod=None)))[SPACE] == "amended"


def test_a_deal_whose_term_is_over_is_no_problem_again(actions: Harness) -> None:
    """A retry after the end of the term is no error: what was sold and granted stays said as it is."""
    term = {"endDate": "2099-01-31"}
    actions.ok(ACTION, deal(plan(), bonus(), **term))
    actions.clock.skip(75 * 366 * 24 * 3600)

    again = actions.ok(ACTION, deal(plan(), bonus(), **term))
    edited = actions.post(ACTION, deal(plan(), addon(), bonus(), endDate="2099-01-30"))

    assert by_line(again) == {APP: "unchanged", BONUS: "unchanged"}
    assert [detail["field"] for detail in edited.body["details"]] == ["endDate"]
