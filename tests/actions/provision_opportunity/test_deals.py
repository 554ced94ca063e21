"""provision-opportunity: a whole deal in one call, again, and changed."""

from typing import Any

import pytest

from tests.support.days import in_days
from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    LIMIT,
    OPPORTUNITY,
    SEATS,
    SPACE,
    TOKENS,
    TRAINING,
    WHOLE,
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
    training,
    writes,
)
from tests.support.harness import Harness
from tests.support.requests import ACCOUNT, in_stigg

ALL_CREATED = dict.fromkeys((APP, SPACE, SEATS, LIMIT, TOKENS, BONUS), "created") | {TRAINING: "ignored"}
ALL_UNCHANGED = dict.fromkeys((APP, SPACE, SEATS, LIMIT, TOKENS, BONUS), "unchanged") | {TRAINING: "ignored"}
UNKNOWN = {91: "plan-91", 92: "plan-92"}
A_DAY = 24 * 60 * 60 + 1


def sent(actions: Harness, body: dict[str, Any], line_id: str = APP) -> dict[str, Any]:
    """Return the terms that the subscription of a line has in Stigg."""
    return dict(in_stigg(actions, of(body, line_id)["subscriptionId"])["sent"])


def reads(actions: Harness) -> list[str]:
    """Return the path of every read that Stigg was asked for."""
    return [call["path"] for call in actions.emulator.state()["calls"] if call["method"] == "GET"]


def test_one_look_at_products(actions: Harness) -> None:
    """A deal reads each product once, and after a sale no subscription of another product."""
    actions.ok(ACTION, deal(plan(resourceId="site-1"), space()))

    assert running(actions) == ["plan-growth", "plan-workspace"]
    assert sorted(reads(actions)) == ["/api/v1/plans/plan-growth", "/api/v1/plans/plan-workspace"]


def test_many_plans(actions: Harness) -> None:
    """The products of many plans are read in Stigg's list; a plan that is not in it is looked up."""
    unknown = [plan(f"00k0000000000{number}AAA", plan_id, resourceId="site-1") for number, plan_id in UNKNOWN.items()]

    body = actions.ok(ACTION, deal(plan(resourceId="site-1"), space(), *unknown))

    assert [of(body, line["salesforceLineItemId"])["errorCode"] for line in unknown] == ["PLAN_NOT_FOUND"] * 2
    assert running(actions) == ["plan-growth", "plan-workspace"]
    assert reads(actions)[:3] == ["/api/v1/plans", "/api/v1/plans/plan-91", "/api/v1/plans/plan-92"]


def test_every_check_of_a_plan_reads_it_once(actions: Harness) -> None:
    """Product, price and contract of a deal's plans are checked with one read of each, or one list of them."""
    sites = [plan(f"00k0000000000{number}AAA", plan_id, resourceId="site-1") for number, plan_id in UNKNOWN.items()]
    term = {"startDate": in_days(1), "endDate": in_days(300), "billingPeriod": None, "discountPercent": 10}

    actions.post(ACTION, deal(plan(resourceId="site-1"), space(), *sites, **term))

    plans = [path for path in reads(actions) if path.startswith("/api/v1/plans")]
    assert sorted(plans) == ["/api/v1/plans", *(f"/api/v1/plans/{plan_id}" for plan_id in UNKNOWN.values())]


def test_a_whole_deal(actions: Harness) -> None:
    """Customer, a subscription for each plan with what goes with it, and a grant; each line is told its result."""
    actions.set_time("2026-02-10T12:00:00Z")
    body = actions.ok(ACTION, deal(*WHOLE, startDate="2026-01-01", termMonths=12.0))

    assert (body["outcome"], body["customerOutcome"], body["retryable"]) == ("provisioned", "created", False)
    assert body["customerUrl"] == f"https://app.stigg.io/development-local/customers/{ACCOUNT}"
    assert by_line(body) == ALL_CREATED
    assert (body["createdCount"], body["ignoredCount"], body["failedCount"]) == (6, 1, 0)
    assert running(actions) == ["plan-growth", "plan-workspace"]
    assert {of(body, line)["subscriptionId"] for line in (APP, SEATS, LIMIT, TOKENS)} == {actions.live(ACCOUNT)[0]}
    assert of(body, SEATS)["planLineItemId"] == APP
    assert "subscriptionId" not in of(body, BONUS)
    assert of(body, BONUS)["active"]


def test_what_stigg_is_sent(actions: Harness) -> None:
    """Term, resource, add-ons and entitlements reach Stigg; the opportunity is named in the metadata."""
    actions.set_time("2026-02-10T12:00:00Z")
    body = actions.ok(ACTION, deal(*WHOLE, startDate="2026-01-31", termMonths=13))
    (customer,) = actions.emulator.state()["customers"]
    (grant,) = actions.emulator.state()["grants"]
    app, workspace = sent(actions, body), sent(actions, body, SPACE)

    assert (customer["name"], customer["email"], customer["billingCurrency"]) == ("Acme", "buyer@acme.example", "usd")
    assert (app["startDate"], app["cancellationDate"]) == ("2026-01-31T00:00:00Z", "2027-02-27T23:59:59Z")
    assert (app["addons"], workspace["resourceId"]) == ([{"id": "addon-seats", "quantity": 5}], "site-1")
    assert app["entitlements"] == [
        {"type": "FEATURE", "id": "feature-seats", "usageLimit": 80},
        {"type": "CREDIT", "id": "cred-type-tokens", "amount": 1000, "cadence": "MONTH"},
    ]
    assert "unitQuantity" not in app
    assert app["metadata"]["salesforceOpportunityId"] == OPPORTUNITY
    assert (grant["amount"], grant["grantType"], grant["metadata"]["salesforceOpportunityId"]) == (
        500, "PROMOTIONAL", OPPORTUNITY,
    )  # fmt: skip


@pytest.mark.parametrize("later", [0, A_DAY])
def test_the_same_opportunity_again(actions: Harness, later: int) -> None:
    """The same again is unchanged, at once and a day later: nothing is written to Stigg."""
    request = deal(*WHOLE, startDate="2026-01-01", endDate="2099-12-31")
    first = actions.ok(ACTION, request)
    before = len(actions.writes_to_stigg())
    actions.clock.skip(later)

    body = actions.ok(ACTION, request)

    assert (body["outcome"], body["customerOutcome"], body["unchangedCount"]) == ("unchanged", "unchanged", 6)
    assert by_line(body) == ALL_UNCHANGED
    assert [line.get("subscriptionId") for line in body["lines"]] == [
        line.get("subscriptionId") for line in first["lines"]
    ]
    assert of(body, BONUS)["grantId"] == of(first, BONUS)["grantId"]
    assert "message" not in of(body, APP)
    assert len(actions.writes_to_stigg()) == before


def test_a_changed_line_is_amended(actions: Harness) -> None:
    """Another quantity amends its subscription in place; what the other lines ask for is unchanged."""
    first = actions.ok(ACTION, deal(*WHOLE))
    changed = [of_app(addon(quantity=9)) if line["salesforceLineItemId"] == SEATS else line for line in WHOLE]

    body = actions.ok(ACTION, deal(*changed))

    assert (body["outcome"], by_line(body)) == ("provisioned", ALL_UNCHANGED | {APP: "amended", SEATS: "amended"})
    assert of(body, APP)["subscriptionId"] == of(first, APP)["subscriptionId"]
    assert sent(actions, body)["addons"] == [{"id": "addon-seats", "quantity": 9}]
    assert by_line(actions.ok(ACTION, deal(*changed))) == ALL_UNCHANGED


def test_there_and_back_again(actions: Harness) -> None:
    """A change that is taken back is a change; each state can be asked for as often as it is wanted."""
    few, many = (deal(plan(), addon(quantity=quantity)) for quantity in (5, 9))
    actions.ok(ACTION, few)
    outcomes = [by_line(actions.ok(ACTION, request))[SEATS] for request in (many, few, many, many, few)]

    assert outcomes == ["amended", "amended", "amended", "unchanged", "amended"]


def test_another_plan_replaces(actions: Harness) -> None:
    """Another plan on a line cannot be amended: a new subscription takes over its add-ons, and the message says why."""
    request = deal(plan(), addon(), startDate="2026-01-01")
    first = actions.ok(ACTION, request)
    changed = deal(plan(plan_id="plan-starter"), addon(), startDate="2026-01-01")

    body = actions.ok(ACTION, changed)
    again = actions.ok(ACTION, changed)
    actions.clock.skip(A_DAY)
    a_day_later = actions.ok(ACTION, changed)

    assert by_line(body) == {APP: "replaced", SEATS: "replaced"}
    assert of(body, APP)["replacedSubscriptionId"] == of(first, APP)["subscriptionId"]
    assert "planId" in of(body, APP)["message"]
    assert running(actions) == ["plan-starter"]
    assert sent(actions, body)["addons"] == [{"id": "addon-seats", "quantity": 5}]
    assert (again["outcome"], a_day_later["outcome"]) == ("unchanged", "unchanged")


def test_a_moved_start_replaces(actions: Harness) -> None:
    """A term that is to start on another day needs a new subscription."""
    actions.ok(ACTION, deal(startDate="2026-01-01"))

    body = actions.ok(ACTION, deal(startDate="2026-02-01"))

    assert by_line(body) == {APP: "replaced"}
    assert sent(actions, body)["startDate"] == "2026-02-01T00:00:00Z"


def test_a_longer_term_is_amended(actions: Harness) -> None:
    """A later end of the term moves the end of the subscription."""
    actions.ok(ACTION, deal(endDate="2098-12-31"))
    body = actions.ok(ACTION, deal(endDate="2099-12-31"))

    assert by_line(body) == {APP: "amended"}
    assert in_stigg(actions, of(body, APP)["subscriptionId"])["cancellationDate"] == "2099-12-31T23:59:59.000Z"


def test_what_no_line_speaks_of_stays(actions: Harness) -> None:
    """What was added to the subscription since, and an add-on whose line is gone, outlive a changed line."""
    first = actions.ok(ACTION, deal(plan(), addon(), addon(TOKENS, "addon-support", 1), entitlement()))
    more = {"salesforceRecordId": APP, "entitlements": [{"type": "FEATURE", "id": "feature-sso"}]}
    actions.ok("update-subscription", more)

    body = actions.ok(ACTION, deal(plan(), addon(quantity=7), entitlement(quantity=90)))

    assert by_line(body) == {APP: "amended", SEATS: "amended", LIMIT: "amended", TOKENS: "removed"}
    assert (body["outcome"], body["removedCount"]) == ("provisioned", 1)
    assert of(body, TOKENS) | {"message": ""} == {
        "salesforceLineItemId": TOKENS,
        "outcome": "removed",
        "stiggType": "Add-on",
        "stiggId": "addon-support",
        "planLineItemId": APP,
        "subscriptionId": of(first, APP)["subscriptionId"],
        "message": "",
    }
    terms = sent(actions, body)
    assert {one["id"]: one["quantity"] for one in terms["addons"]} == {"addon-seats": 7, "addon-support": 1}
    assert {one["id"] for one in terms["entitlements"]} == {"feature-seats", "feature-sso"}


def test_a_line_with_another_addon(actions: Harness) -> None:
    """What a changed line was before gives way to what it is now; what another line gives of it stays."""
    actions.ok(ACTION, deal(plan(), addon(), entitlement(), addon(TOKENS, quantity=2)))
    support = addon(addon_id="addon-support", quantity=1)
    sso = entitlement(onOffFeature=True) | {"stiggId": "feature-sso"}

    body = actions.ok(ACTION, deal(plan(), support, sso, addon(TOKENS, quantity=2)))
    only_support = deal(plan(), support, sso, addon(TOKENS, "addon-support", 0.0 + 1))

    terms = sent(actions, body)
    assert by_line(body) == {APP: "amended", SEATS: "amended", LIMIT: "amended", TOKENS: "amended"}
    assert {one["id"]: one["quantity"] for one in terms["addons"]} == {"addon-seats": 2, "addon-support": 1}
    assert terms["entitlements"] == [{"type": "FEATURE", "id": "feature-sso"}]
    assert actions.ok(ACTION, deal(plan(), support, sso, addon(TOKENS, quantity=2)))["outcome"] == "unchanged"
    assert of(actions.ok(ACTION, only_support), APP)["errorCode"] == "REFUSED_BY_STIGG"  # at most one of it


def test_an_addon_of_another_plan(actions: Harness) -> None:
    """An add-on that goes with another plan now is taken from the one that it went with."""
    actions.ok(ACTION, deal(plan(), space(), of_app(addon())))

    body = actions.ok(ACTION, deal(plan(), space(), addon(planLineItemId=SPACE)))

    assert by_line(body) == {APP: "amended", SPACE: "amended", SEATS: "amended"}
    assert in_stigg(actions, of(body, APP)["subscriptionId"])["addons"] == []
    assert in_stigg(actions, of(body, SPACE)["subscriptionId"])["addons"] == [{"id": "addon-seats", "quantity": 5}]


def test_what_was_sold_since_is_not_what_a_line_was(actions: Harness) -> None:
    """Once a changed line is done, what it was before is forgotten: sold again, it stays."""
    actions.ok(ACTION, deal(plan(), addon()))
    changed = deal(plan(), addon(addon_id="addon-support", quantity=1))
    actions.ok(ACTION, changed)
    actions.ok("update-subscription", {"salesforceRecordId": APP, "addons": [{"id": "addon-seats", "quantity": 3}]})

    body = actions.ok(ACTION, changed)

    assert body["outcome"] == "unchanged"
    assert {one["id"] for one in in_stigg(actions, of(body, APP)["subscriptionId"])["addons"]} == {
        "addon-seats", "addon-support",
    }  # fmt: skip


def test_a_line_that_comes_back(actions: Harness) -> None:
    """A line that was gone and is there again is one of the lines."""
    actions.ok(ACTION, deal(plan(), space()))
    actions.ok(ACTION, deal(plan()))

    assert by_line(actions.ok(ACTION, deal(plan(), space()))) == {APP: "unchanged", SPACE: "unchanged"}


def test_base_charge_from_the_line(actions: Harness) -> None:
    """When asked, a plan line's price replaces the base charge; a line can be left out of that, or alone in it."""
    lines = [plan(unitPrice=150.5), space(unitPrice=20, overrideBaseCharge=False)]
    body = actions.ok(ACTION, deal(*lines, overrideBaseCharge=True))
    own = actions.ok(ACTION, deal(lines[0], space(unitPrice=21, overrideBaseCharge=True)))
    again = actions.ok(ACTION, deal(lines[0], space(unitPrice=21, overrideBaseCharge=True)))

    override = {"baseCharge": True, "amount": 150.5, "currency": "usd"}
    assert sent(actions, body)["priceOverrides"] == [override]
    assert by_line(own) == {APP: "unchanged", SPACE: "amended"}
    assert sent(actions, own, SPACE)["priceOverrides"] == [{"baseCharge": True, "amount": 21, "currency": "usd"}]
    assert again["outcome"] == "unchanged"


def test_units_of_a_plan(actions: Harness) -> None:
    """A plan line's quantity is its units; one is what a plan has anyway."""
    body = actions.ok(ACTION, deal(plan() | {"quantity": 3}))
    assert sent(actions, body)["unitQuantity"] == 3

    fewer = actions.ok(ACTION, deal(plan()))
    assert (by_line(fewer), sent(actions, fewer)["unitQuantity"]) == ({APP: "replaced"}, 1)
    assert by_line(actions.ok(ACTION, deal(plan()))) == {APP: "unchanged"}


def test_kinds_of_entitlements(actions: Harness) -> None:
    """A feature may be on or off, or unlimited; the package's Entitlement with a credit currency is credits."""
    lines = [
        plan(),
        entitlement(hasUnlimitedUsage="true"),
        entitlement(SEATS, onOffFeature=True) | {"stiggId": "feature-sso"},
        credit(stiggType="Entitlement", cadence="Year", hasSoftLimit=True),
        entitlement(SPACE, 10, resetPeriod="Month") | {"stiggId": "feature-api-calls"},
    ]

    assert sent(actions, actions.ok(ACTION, deal(*lines)))["entitlements"] == [
        {"type": "FEATURE", "id": "feature-seats", "hasUnlimitedUsage": True},
        {"type": "FEATURE", "id": "feature-sso"},
        {"type": "CREDIT", "id": "cred-type-tokens", "amount": 1000, "cadence": "YEAR", "hasSoftLimit": True},
        {"type": "FEATURE", "id": "feature-api-calls", "usageLimit": 10, "resetPeriod": "MONTH"},
    ]


def test_credits_as_grants(actions: Harness) -> None:
    """All credit lines can be grants, for the term; a paid one costs its price times its quantity."""
    paid = credit(BONUS, 200, grantType="Paid", unitPrice=0.25, name="Tokens", priority=10, resourceId="site-9")
    term = {"startDate": "2026-01-01", "endDate": "2099-12-31", "paymentCollectionMethod": "INVOICE"}
    body = actions.ok(ACTION, deal(credit(), paid, creditsAs="Grant", **term))
    free, cost = sorted(actions.emulator.state()["grants"], key=lambda grant: str(grant["grantType"]), reverse=True)

    assert by_line(body) == {TOKENS: "created", BONUS: "paymentRequired"}
    assert (body["outcome"], body["paymentRequiredCount"]) == ("provisioned", 1)
    assert of(body, BONUS)["checkoutUrl"]
    assert (free["displayName"], free["expireAt"]) == ("cred-type-tokens", "2099-12-31T23:59:59.000Z")
    assert (cost["displayName"], cost["cost"], cost["priority"]) == ("Tokens", {"amount": 50, "currency": "usd"}, 10)


def test_a_grant_cannot_change(actions: Harness) -> None:
    """Credits are granted once for a line: other terms on it are refused, and the other lines are not held up."""
    actions.ok(ACTION, deal(plan(), bonus()))

    body = actions.ok(ACTION, deal(plan(), addon(), bonus(quantity=900)))

    assert by_line(body) == {APP: "amended", SEATS: "amended", BONUS: "failed"}
    assert (of(body, BONUS)["errorCode"], of(body, BONUS)["retryable"]) == ("IDEMPOTENCY_CONFLICT", False)
    assert "create-credit-grant" in of(body, BONUS)["message"]
    assert (body["outcome"], body["retryable"]) == ("partial", False)
    assert len(actions.emulator.state()["grants"]) == 1


SPELLINGS = [("Add-on", "Credit entitlement"), ("addon", "creditEntitlement"), ("ADD_ON", "CREDIT ENTITLEMENT")]


@pytest.mark.parametrize(("addon_type", "credit_type"), SPELLINGS)
def test_spellings(actions: Harness, addon_type: str, credit_type: str) -> None:
    """A type may be spelled as the package does, or in another way."""
    lines = [plan() | {"stiggType": " plan "}, addon(stiggType=addon_type), credit(stiggType=credit_type)]
    body = actions.ok(ACTION, deal(*lines))

    assert by_line(body) == {APP: "created", SEATS: "created", TOKENS: "created"}
    assert (of(body, SEATS)["stiggType"], of(body, TOKENS)["stiggType"]) == ("Add-on", "Credit entitlement")


def test_types_of_our_own_fields(actions: Harness) -> None:
    """The types that this project's Salesforce fields offer stand for those of the package."""
    lines = [
        plan(),
        entitlement(stiggType="Feature"),
        entitlement(SEATS, 1, stiggType="FeatureOnOff") | {"stiggId": "feature-sso"},
        credit(stiggType="Credit"),
        credit(BONUS, stiggType="Grant"),
    ]
    body = actions.ok(ACTION, deal(*lines))

    assert {line["stiggType"] for line in body["lines"]} == {"Plan", "Entitlement", "Credit entitlement"}
    assert sent(actions, body)["entitlements"] == [
        {"type": "FEATURE", "id": "feature-seats", "usageLimit": 80},
        {"type": "FEATURE", "id": "feature-sso"},
        {"type": "CREDIT", "id": "cred-type-tokens", "amount": 1000, "cadence": "MONTH"},
    ]
    assert len(actions.emulator.state()["grants"]) == 1


def test_addons_find_their_plan(actions: Harness) -> None:
    """A line names its plan by line, by plan id or by resource."""
    lines = [
        plan(),
        space(),
        addon(planId="plan-growth"),
        addon(TOKENS, quantity=2, resourceId="site-1"),
        addon(BONUS, "addon-support", 1, planLineItemId=APP[:15]),
    ]
    body = actions.ok(ACTION, deal(*lines))

    assert {one["id"]: one["quantity"] for one in sent(actions, body)["addons"]} == {
        "addon-seats": 5,
        "addon-support": 1,
    }
    assert sent(actions, body, SPACE)["addons"] == [{"id": "addon-seats", "quantity": 2}]


def test_a_customer_of_another_id(actions: Harness) -> None:
    """The account's customer is the one that it was linked to; a deal that names another one is refused."""
    actions.ok("create-customer", {"customerId": "cust-acme", "salesforceAccountId": ACCOUNT})
    linked = actions.ok(ACTION, deal(customerName=None, customerEmail=None, currency=None))
    named = actions.post(ACTION, deal(space(), customerId="cust-beta"))

    assert (linked["customerId"], linked["customerOutcome"]) == ("cust-acme", "unchanged")
    assert (named.status, named.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")


def test_lines_as_json_text(actions: Harness) -> None:
    """A Flow may build the lines as text."""
    text = f'[{{"salesforceLineItemId": "{APP}", "stiggType": "Plan", "stiggId": "plan-free"}}]'

    assert by_line(actions.ok(ACTION, deal(lineItems=text))) == {APP: "created"}


def test_only_lines_of_others(actions: Harness) -> None:
    """An opportunity without a line of Stigg's makes the customer alone."""
    body = actions.ok(ACTION, deal(training()))

    assert (body["outcome"], body["ignoredCount"], writes(actions)) == ("provisioned", 1, 0)
    assert actions.ok(ACTION, deal(training()))["outcome"] == "unchanged"
