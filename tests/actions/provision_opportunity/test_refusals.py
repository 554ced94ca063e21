"""provision-opportunity: what is wrong with an opportunity is told before anything is done, naming every line."""

from collections.abc import Callable
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
    plan,
    space,
    training,
)
from tests.support.harness import Harness

PAID = bonus(grantType="PAID", unitPrice=1)
OTHER_PLAN = plan(SPACE, "plan-starter")


def changed(line: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a line
    """Return a line with other fields; None drops one."""
    return {name: value for name, value in {**line, **changes}.items() if value is not None}


def problems(actions: Harness, request: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong by field; nothing may have been done."""
    reply = actions.post(ACTION, request)

    assert (reply.status, reply.body["errorCode"]) == (400, "INVALID_REQUEST"), reply.body
    assert (actions.writes_to_stigg(), actions.operations()) == ([], [])
    return {detail["field"]: detail["problem"] for detail in reply.body["details"]}


REFUSED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("no lines", deal(lineItems=[]), {"lineItems": "at least 1 item"}),
    ("no account", deal(salesforceAccountId=None), {"salesforceAccountId": "is required"}),
    ("a key", deal(idempotencyKey="deal-1"), {"idempotencyKey": "not a field"}),
    ("no id in Stigg", deal(changed(plan(), stiggId=None)), {"lineItems[0].stiggId": "is required"}),
    ("another type", deal(plan(stiggType="Service")), {"lineItems[0].stiggType": "Credit entitlement"}),
    ("a typo", deal(plan(stigId="x")), {"lineItems[0].stigId": "not a field"}),
    ("a typo in place of the type", deal(changed(plan(), stiggType=None, stigType="Plan")),
     {"lineItems[0].stigType": "not a field"}),
    ("a line without an id", deal({"stiggType": ""}), {"lineItems[0].salesforceLineItemId": "is required"}),
    ("a line that is none", deal(lineItems=["plan"]), {"lineItems[0]": "must be an object"}),
    ("a fraction", deal(plan(), addon(quantity=1.5)), {"lineItems[1].quantity": "not rounded"}),
    ("a fraction of a limit", deal(plan(), entitlement(quantity=0.5)), {"lineItems[1].quantity": "not rounded"}),
    ("no quantity", deal(plan(), changed(addon(), quantity=None)), {"lineItems[1].quantity": "for an Add-on"}),
    ("no credits", deal(plan(), changed(credit(), quantity=None)), {"lineItems[1].quantity": "for credits"}),
    ("a subscription of an add-on", deal(plan(), addon(subscriptionId="sub-1")),
     {"lineItems[1].subscriptionId": "only for a Plan"}),
    ("a price that its currency cannot have", deal(plan(unitPrice=10.5), overrideBaseCharge=True, currency="JPY"),
     {"lineItems[0].unitPrice": "more decimal places than JPY allows (none)"}),
    ("a price of three decimals", deal(plan(unitPrice=10.005), overrideBaseCharge=True),
     {"lineItems[0].unitPrice": "allows (2)"}),
    ("an end that is over", deal(endDate="2020-01-31"), {"endDate": "is in the past"}),
    ("a term that is over", deal(startDate="2020-01-31", termMonths=12), {"termMonths": "is in the past"}),
    ("an end that is over, of credits", deal(bonus(), endDate="2020-01-31"), {"endDate": "is in the past"}),
    ("no billing period", deal(plan(), space(billingPeriod="Monthly"), billingPeriod=None),
     {"lineItems[0].billingPeriod": "plan-growth is a paid plan"}),
    ("a line of its own that ends before it starts", deal(startDate="2099-01-01", endDate="2098-12-31"),
     {"endDate": "than startDate"}),
    ("months from nowhere", deal(termMonths=12), {"startDate": "termMonths"}),
    ("an end before the start", deal(startDate="2026-02-01", endDate="2026-01-31"), {"endDate": "than startDate"}),
    ("a line twice", deal(plan(), plan(APP[:15])), {"lineItems[1].salesforceLineItemId": "lineItems[0]"}),
    ("two plans of one product", deal(plan(), OTHER_PLAN), {"lineItems[1].stiggId": f"plan-growth of line {APP}"}),
    ("one plan twice", deal(space(), plan(APP, "plan-workspace", resourceId="site-1")),
     {"lineItems[1].stiggId": f"line {SPACE}"}),
    ("an unknown plan twice", deal(plan(APP, "plan-x"), plan(SPACE, "plan-x")), {"lineItems[1].stiggId": "plan-x"}),
    ("an add-on for two plans", deal(plan(), space(), addon()),
     {"lineItems[2].planLineItemId": f"{APP} (plan-growth), {SPACE} (plan-workspace for site-1)"}),
    ("credits for two plans", deal(plan(), space(), credit()),
     {"lineItems[2].planLineItemId": "several Plan lines match"}),
    ("an add-on without a plan", deal(addon()), {"lineItems[0].stiggType": "the request has none"}),
    ("an add-on of a line that is not there", deal(plan(), addon(planLineItemId=TOKENS)),
     {"lineItems[1].planLineItemId": APP}),
    ("an add-on of a plan that is not there", deal(plan(), addon(planId="plan-free")), {"lineItems[1].planId": APP}),
    ("an add-on of a resource that is not there", deal(plan(), addon(resourceId="x")),
     {"lineItems[1].resourceId": APP}),
    ("an entitlement twice", deal(plan(), entitlement(), entitlement(SPACE)), {"lineItems[2].stiggId": LIMIT}),
    ("too small a cost", deal(bonus(grantType="PAID", unitPrice=0.0000000001, quantity=0.5)),
     {"lineItems[0].unitPrice": "less than the smallest amount"}),
    ("too large a cost", deal(bonus(grantType="PAID", unitPrice=1e9, quantity=1e9), paymentCollectionMethod="NONE"),
     {"lineItems[0].unitPrice": "digits"}),
    ("a price of no currency", deal(plan(unitPrice=1), overrideBaseCharge=True, currency=None),
     {"currency": "overrideBaseCharge"}),
    ("no price", deal(plan(overrideBaseCharge=True)), {"lineItems[0].unitPrice": "is required"}),
    ("no price of a grant", deal(changed(PAID, unitPrice=None)), {"lineItems[0].unitPrice": "is required"}),
    ("a paid grant without payment", deal(PAID, currency=None, paymentCollectionMethod=None),
     {"currency": "PAID", "paymentCollectionMethod": "PAID"}),
    ("credits of no period", deal(plan(), credit(), billingPeriod=None), {"lineItems[1].cadence": "is required"}),
]  # fmt: skip


@pytest.mark.parametrize(("request_body", "expected"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_is_wrong_is_told(actions: Harness, request_body: dict[str, Any], expected: dict[str, str]) -> None:
    """A line that is wrong, or contradicts another, is named with what to do; nothing is done for any line."""
    found = problems(actions, request_body)

    assert found.keys() == expected.keys()
    assert [problem for field, problem in found.items() if expected[field] not in problem] == []


def test_all_problems_at_once(actions: Harness) -> None:
    """Each line that is wrong is named in one answer."""
    lines = [plan(), space(), addon(), credit(), entitlement(planId="plan-free"), training()]

    assert problems(actions, deal(*lines)).keys() == {
        "lineItems[2].planLineItemId",
        "lineItems[3].planLineItemId",
        "lineItems[4].planId",
    }


def test_plans_of_one_product_for_two_resources(actions: Harness) -> None:
    """Two plans of one product may be sold for two resources."""
    lines = [space(), plan(APP, "plan-workspace", resourceId="site-2")]

    assert by_line(actions.ok(ACTION, deal(*lines))) == {SPACE: "created", APP: "created"}


REFUSALS: dict[str, Callable[[Harness], None]] = {
    "REFUSED_BY_STIGG": lambda actions: actions.emulator.fault(
        "POST", "/customers$", "status", {"status": 400, "body": {"message": "No.", "code": "InvalidArgumentError"}}
    ),
    "STIGG_KEY_REJECTED": lambda actions: actions.emulator.set_key(actions.emulator.key, "expired"),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_without_a_customer_nothing_is_done(actions: Harness, code: str) -> None:
    """A customer that cannot be provisioned is an error of the whole request, and no line is begun."""
    REFUSALS[code](actions)

    reply = actions.post(ACTION, deal(plan(), bonus()))

    assert (reply.body["success"], reply.body["errorCode"]) == (False, code)
    assert {kind for kind, _ in actions.operations()} == {"customer"}


def test_two_hundred_lines(actions: Harness) -> None:
    """An opportunity may have as many lines as Salesforce takes together."""
    lines = [training(f"00k{number:012}") for number in range(201)]

    assert actions.ok(ACTION, deal(*lines[:200]))["ignoredCount"] == 200
    assert actions.post(ACTION, deal(*lines)).body["details"][0]["field"] == "lineItems"


def test_names_for_the_order(actions: Harness) -> None:
    """Results come in the order of the lines, whatever is done first."""
    lines = [bonus(), training(), addon(), plan()]

    assert list(by_line(actions.ok(ACTION, deal(*lines)))) == [
        BONUS,
        training()["salesforceLineItemId"],
        SEATS,
        APP,
    ]
