"""provision-opportunity: a discount of a plan or of the whole deal is the coupon of the subscription, once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.days import in_days
from tests.support.deals import (
    ACTION,
    APP,
    NEW_APP,
    OPPORTUNITY,
    SEATS,
    SPACE,
    addon,
    bonus,
    by_line,
    credit,
    deal,
    entitlement,
    of,
    of_app,
    plan,
    space,
    writes,
)
from tests.support.harness import Harness
from tests.support.requests import in_stigg
from tests.support.some import some

YEAR = {"startDate": "2098-01-01", "endDate": "2098-12-31"}
TEN_PERCENT: dict[str, Any] = {"discountPercent": 10}


def coupon(actions: Harness, subscription_id: str) -> dict[str, Any] | None:
    """Return the coupon that Stigg was last sent for a subscription."""
    (found,) = [one for one in actions.emulator.state()["subscriptions"] if one["id"] == subscription_id]
    sent: dict[str, Any] | None = found["sent"].get("appliedCoupon")
    return sent


def discount(actions: Harness, body: dict[str, Any], line: str = APP) -> dict[str, Any]:
    """Return the discount of a line's subscription in Stigg."""
    found = coupon(actions, of(body, line)["subscriptionId"])
    assert found is not None
    return dict(found["discount"])


DISCOUNTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("percent of a line", deal(plan(**TEN_PERCENT)), {"name": "10% discount", "percentOff": 10}),
    ("percent of the deal", deal(plan(), **TEN_PERCENT), {"name": "10% discount", "percentOff": 10}),
    ("a fraction", deal(plan(discountPercent=12.5)), {"name": "12.5% discount", "percentOff": 12.5}),
    ("all of it", deal(plan(discountPercent=100)), {"name": "100% discount", "percentOff": 100}),
    ("an amount of a line", deal(plan(discountAmount=50)),
     {"name": "50 USD discount", "amountsOff": [{"amount": 50, "currency": "usd"}]}),
    ("an amount of the deal", deal(plan(), discountAmount=12.5),
     {"name": "12.5 USD discount", "amountsOff": [{"amount": 12.5, "currency": "usd"}]}),
    ("months", deal(plan(**TEN_PERCENT, discountMonths=3), **YEAR),
     {"name": "10% discount", "percentOff": 10, "durationInMonths": 3}),
    ("months of the term", deal(plan(**TEN_PERCENT), startDate="2098-01-15", termMonths=24),
     {"name": "10% discount", "percentOff": 10, "durationInMonths": 24}),
    ("months of the dates", deal(plan(**TEN_PERCENT), **YEAR),
     {"name": "10% discount", "percentOff": 10, "durationInMonths": 12}),
    ("a month that has begun", deal(plan(**TEN_PERCENT), startDate="2098-01-15", endDate="2098-03-20"),
     {"name": "10% discount", "percentOff": 10, "durationInMonths": 3}),
    ("an end at midnight", deal(plan(**TEN_PERCENT), startDate="2098-01-15", endDate="2098-03-15T00:00:00Z"),
     {"name": "10% discount", "percentOff": 10, "durationInMonths": 2}),
    ("some days", deal(plan(**TEN_PERCENT), startDate="2098-01-15", endDate="2098-01-20"),
     {"name": "10% discount", "percentOff": 10, "durationInMonths": 1}),
    ("with a price", deal(plan(**TEN_PERCENT, unitPrice=99, overrideBaseCharge=True)),
     {"name": "10% discount", "percentOff": 10}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("request_body", "expected"), [one[1:] for one in DISCOUNTS], ids=[one[0] for one in DISCOUNTS]
)
def test_a_discount_is_a_coupon(actions: Harness, request_body: dict[str, Any], expected: dict[str, Any]) -> None:
    """A discount reaches Stigg as one coupon, with the months given, else those of the term, and names its deal."""
    body = actions.ok(ACTION, request_body)

    description = f"Salesforce opportunity {OPPORTUNITY}"
    assert discount(actions, body) == {"description": description, **expected}


def test_a_price_and_a_discount_are_both_sent(actions: Harness) -> None:
    """A price of its own and a discount do not exclude each other: Stigg takes the discount off that price."""
    body = actions.ok(ACTION, deal(plan(**TEN_PERCENT, unitPrice=99, overrideBaseCharge=True)))

    shown = in_stigg(actions, of(body, APP)["subscriptionId"])
    assert [price["amount"] for price in shown["prices"]] == [99]
    assert [found["percentOff"] for found in shown["coupons"]] == [10]


def test_a_discount_of_the_deal_is_of_every_plan(actions: Harness) -> None:
    """A percentage of the deal is taken off each plan, and free credits go with it."""
    body = actions.ok(ACTION, deal(plan(), space(), of_app(addon()), bonus(), **TEN_PERCENT))

    assert [discount(actions, body, line)["percentOff"] for line in (APP, SPACE)] == [10, 10]


@pytest.mark.parametrize("none", [{"discountPercent": 0}, {"discountAmount": 0.0}, {"discountPercent": ""}])
def test_a_discount_of_zero_is_none(actions: Harness, none: dict[str, Any]) -> None:
    """What Salesforce sends for a line without discount is no discount, whatever the line sells."""
    body = actions.ok(ACTION, deal(plan(**none), addon(**none), bonus(**none), **none))

    assert coupon(actions, of(body, APP)["subscriptionId"]) is None


def test_a_repeated_deal_applies_it_once(actions: Harness) -> None:
    """Sent again, at the line or at the deal, with a newer state too, the discount is not applied again."""
    actions.ok(ACTION, deal(plan(**TEN_PERCENT)))

    again = actions.ok(ACTION, deal(plan(**TEN_PERCENT)))
    actions.clock.skip(60)
    now = datetime.fromtimestamp(actions.clock.now(), UTC).isoformat()
    of_the_deal = actions.ok(ACTION, deal(plan(), **TEN_PERCENT, asOf=now))
    applied_again = actions.ok(ACTION, deal(plan(**TEN_PERCENT), reapply=True))

    assert [one["outcome"] for one in (again, of_the_deal, applied_again)] == ["unchanged"] * 3
    assert writes(actions) == 1


def test_a_corrected_discount_changes_it_once(actions: Harness) -> None:
    """A corrected discount takes the place of the first, in place and once."""
    first = actions.ok(ACTION, deal(plan(**TEN_PERCENT)))

    corrected = actions.ok(ACTION, deal(plan(discountPercent=15)))
    again = actions.ok(ACTION, deal(plan(discountPercent=15)))

    assert (by_line(corrected), by_line(again)) == ({APP: "amended"}, {APP: "unchanged"})
    assert of(corrected, APP)["subscriptionId"] == of(first, APP)["subscriptionId"]
    assert (discount(actions, corrected)["percentOff"], writes(actions)) == (15, 2)


def test_a_discount_that_comes_later(actions: Harness) -> None:
    """A discount that a correction adds is applied to the subscription that is there."""
    actions.ok(ACTION, deal(plan()))

    body = actions.ok(ACTION, deal(plan(**TEN_PERCENT)))

    assert (by_line(body), discount(actions, body)["percentOff"]) == ({APP: "amended"}, 10)


def test_a_discount_that_is_taken_out_stays_and_says_so(actions: Harness) -> None:
    """Stigg's API removes no coupon: a deal without it says each time that it stays, and what to do."""
    actions.ok(ACTION, deal(plan(**TEN_PERCENT), addon()))

    bodies = [actions.ok(ACTION, deal(plan(), addon(quantity=7))) for _ in range(2)]

    assert [by_line(body) for body in bodies] == [
        {APP: "amended", SEATS: "amended"},
        {APP: "unchanged", SEATS: "unchanged"},
    ]
    for body in some(bodies):
        assert "keeps its discount (10% discount)" in of(body, APP)["message"]
        assert "Stigg app" in of(body, APP)["message"]
    assert discount(actions, bodies[0])["percentOff"] == 10


def test_a_discount_that_is_over_does_not_start_again(actions: Harness) -> None:
    """Once its months are over, a correction of the deal, or one that replaces the plan, does not bring it back."""
    term = {"startDate": in_days(-40), "termMonths": 12}
    actions.ok(ACTION, deal(plan(**TEN_PERCENT, discountMonths=2), addon(), **term))
    actions.set_time(f"{in_days(70)}T12:00:00Z")

    more = actions.ok(ACTION, deal(plan(**TEN_PERCENT, discountMonths=2), addon(quantity=9), **term))
    other = actions.ok(
        ACTION, deal(plan(APP, "plan-starter", **TEN_PERCENT, discountMonths=2), addon(quantity=9), **term)
    )

    (expired,) = in_stigg(actions, of(more, APP)["subscriptionId"])["coupons"]
    assert (of(more, APP)["outcome"], of(other, APP)["outcome"]) == ("amended", "replaced")
    assert expired["status"] == "EXPIRED"
    assert coupon(actions, of(other, APP)["subscriptionId"]) is None


def test_a_discount_that_is_over_does_not_stay(actions: Harness) -> None:
    """A discount that is taken out of the deal once its months are over is not said to stay."""
    term = {"startDate": in_days(-40), "termMonths": 12}
    actions.ok(ACTION, deal(plan(**TEN_PERCENT, discountMonths=2), **term))
    stays = actions.ok(ACTION, deal(plan(), **term))
    actions.set_time(f"{in_days(70)}T12:00:00Z")

    body = actions.ok(ACTION, deal(plan(), **term))

    assert "keeps its discount" in of(stays, APP)["message"]
    assert "message" not in of(body, APP)


def test_the_next_deal_has_a_discount_of_its_own(actions: Harness) -> None:
    """A line of another deal that takes a subscription over has the same discount again: it was agreed again."""
    actions.ok(ACTION, deal(plan(**TEN_PERCENT)))
    named = actions.mapping(APP)
    assert named is not None
    assert named.current is not None
    renewal = deal(plan(NEW_APP, **TEN_PERCENT), salesforceOpportunityId="006000000000002AAA")
    actions.ok("renew-subscription", {"salesforceRecordId": APP, "newSalesforceRecordId": NEW_APP})

    actions.ok(ACTION, renewal)

    sent = coupon(actions, named.current.subscription_id)
    assert sent is not None
    assert sent["discount"]["description"].endswith("006000000000002AAA")


def problems(actions: Harness, request: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong by field; nothing may have been done."""
    reply = actions.post(ACTION, request)

    assert (reply.status, reply.body["errorCode"]) == (400, "INVALID_REQUEST"), reply.body
    assert (actions.writes_to_stigg(), actions.operations()) == ([], [])
    return {detail["field"]: detail["problem"] for detail in reply.body["details"]}


PAID_GRANT = bonus(grantType="PAID", unitPrice=1)
FREE_PRICE = plan(unitPrice=0, overrideBaseCharge=True)
REFUSED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("percent and amount", deal(plan(**TEN_PERCENT, discountAmount=5)), {"lineItems[0].discountAmount": "one of them"}),
    ("percent and amount of the deal", deal(plan(), **TEN_PERCENT, discountAmount=5),
     {"discountAmount": "one of them"}),
    ("of the line and of the deal", deal(plan(discountAmount=5), **TEN_PERCENT),
     {"lineItems[0].discountAmount": "discountPercent of the opportunity"}),
    ("negative", deal(plan(discountPercent=-1)), {"lineItems[0].discountPercent": "greater than or equal to 0"}),
    ("a negative amount", deal(plan(), discountAmount=-1), {"discountAmount": "greater than or equal to 0"}),
    ("more than all of it", deal(plan(discountPercent=100.5)), {"lineItems[0].discountPercent": "equal to 100"}),
    ("no months", deal(plan(**TEN_PERCENT, discountMonths=0), **YEAR), {"lineItems[0].discountMonths": "equal to 1"}),
    ("months of nothing", deal(plan(discountMonths=3), **YEAR), {"lineItems[0].discountMonths": "only for a discount"}),
    ("months from nowhere", deal(plan(**TEN_PERCENT, discountMonths=3)), {"startDate": "discountMonths"}),
    ("an end without a start", deal(plan(**TEN_PERCENT), endDate="2099-12-31"),
     {"lineItems[0].discountMonths": "an end and no start"}),
    ("an end of the deal without a start", deal(plan(), **TEN_PERCENT, endDate="2099-12-31"),
     {"discountMonths": "an end and no start"}),
    ("an amount of no currency", deal(plan(discountAmount=5), currency=None), {"currency": "discountAmount"}),
    ("half a yen", deal(plan(discountAmount=0.5), currency="JPY"),
     {"lineItems[0].discountAmount": "JPY allows (none)"}),
    ("an add-on", deal(plan(), addon(**TEN_PERCENT)), {"lineItems[1].discountPercent": "the line of its plan"}),
    ("an entitlement", deal(plan(), entitlement(discountAmount=5)), {"lineItems[1].discountAmount": "no price"}),
    ("credits", deal(plan(), credit(**TEN_PERCENT)), {"lineItems[1].discountPercent": "no price"}),
    ("a grant", deal(plan(), bonus(**TEN_PERCENT)), {"lineItems[1].discountPercent": "unitPrice after the discount"}),
    ("a paid grant of a deal", deal(plan(), PAID_GRANT, **TEN_PERCENT), {"lineItems[1].grantType": "Plan lines"}),
    ("no plan", deal(bonus(), **TEN_PERCENT), {"discountPercent": "needs a Plan line"}),
    ("an amount of two plans", deal(plan(), space(), discountAmount=5), {"discountAmount": "each of 2 plans"}),
    ("a free plan", deal(plan(APP, "plan-free", **TEN_PERCENT)), {"lineItems[0].stiggId": "free plan"}),
    ("a free plan of the deal", deal(plan(APP, "plan-free"), **TEN_PERCENT), {"lineItems[0].stiggId": "free plan"}),
    ("a price of nothing", deal({**FREE_PRICE, **TEN_PERCENT}), {"lineItems[0].unitPrice": "no price to discount"}),
]  # fmt: skip


@pytest.mark.parametrize(("request_body", "expected"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_cannot_be_discounted_is_refused(
    actions: Harness, request_body: dict[str, Any], expected: dict[str, str]
) -> None:
    """A discount that Stigg cannot apply, or that says two things, is refused by line before anything is sent."""
    found = problems(actions, request_body)

    assert found.keys() == expected.keys()
    assert [problem for field, problem in found.items() if expected[field] not in problem] == []


def test_a_plan_that_stigg_does_not_show_fails_by_itself(actions: Harness) -> None:
    """A discount does not hide that a plan is unknown."""
    body = actions.ok(ACTION, deal(plan(APP, "plan-x", **TEN_PERCENT)))

    assert of(body, APP)["errorCode"] == "PLAN_NOT_FOUND"
