"""The dry run of provision-opportunity: prices, totals, refusals line by line, and that it changes nothing."""

from typing import Any

import pytest

from stigg_actions.models.provision_opportunity_result import ProvisionedOpportunity
from tests.resilience.scenarios import Scenario
from tests.resilience.test_opportunities import DEALS
from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    LIMIT,
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
    space,
)
from tests.support.harness import Harness
from tests.support.rehearsals import RehearsingHarness
from tests.support.renewals import everything
from tests.support.requests import ACCOUNT, in_stigg, subscription

PAID: dict[str, Any] = {"grantType": "PAID", "unitPrice": 0.1}
INVOICED = {"paymentCollectionMethod": "INVOICE"}


def rehearsed(actions: Harness, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return the answer of a dry run, after checking that nothing has changed."""
    before = everything(actions)
    body = actions.ok(ACTION, deal(*lines, dryRun=True, **changes))
    assert everything(actions) == before
    assert body["outcome"] == "dryRun"
    return body


def customer(actions: Harness, **changes: Any) -> None:  # noqa: ANN401 - any field of a customer
    """Create the customer of the deals."""
    named = {"salesforceAccountId": ACCOUNT, "name": "Acme", "billingCurrency": "USD", **changes}
    actions.ok("create-customer", {name: value for name, value in named.items() if value is not None})


@pytest.mark.parametrize("scenario", DEALS, ids=str)
def test_the_scenarios_of_the_crashes(actions: Harness, scenario: Scenario) -> None:
    """A dry run before each call of the deals that are killed everywhere else says what the call then does."""
    rehearsing = RehearsingHarness.of(actions)

    for action, body in (*scenario.before, (scenario.action, scenario.body), (scenario.action, scenario.body)):
        rehearsing.ok(action, body)


def test_a_new_deal(actions: Harness) -> None:
    """Each line says what becomes of it; the prices are those of its subscriptions, added up."""
    customer(actions)

    body = rehearsed(actions, *WHOLE)

    assert body["dryRunOutcome"] == "provisioned"
    assert by_line(body) == dict.fromkeys((APP, SPACE, SEATS, LIMIT, TOKENS, BONUS), "created") | {TRAINING: "ignored"}
    assert (of(body, APP)["immediateTotal"], of(body, APP)["recurringTotal"]) == (199 + 5 * 9.9, 199 + 5 * 9.9)
    assert of(body, SPACE)["priceCurrency"] == "usd"
    total = 199 + 5 * 9.9 + 19
    assert body["totals"] == [
        {"currency": "usd", "billingPeriod": "MONTHLY", "immediateTotal": total, "recurringTotal": total}
    ]
    unknown = {"subscriptionId", "grantId", "status", "active"}
    assert [line.keys() & unknown for line in body["lines"]] == [set()] * len(WHOLE)


def test_a_new_customer_has_no_price(actions: Harness) -> None:
    """Stigg prices for a customer that exists; the lines are checked all the same."""
    body = rehearsed(actions, plan(), bonus())

    assert (body["customerOutcome"], body["totals"]) == ("created", [])
    assert (by_line(body), "recurringTotal" in of(body, APP)) == ({APP: "created", BONUS: "created"}, False)


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        ((plan(plan_id="plan-nowhere"),), "PLAN_NOT_FOUND", APP),
        ((plan(), addon(addon_id="addon-nowhere")), "ADDON_NOT_FOUND", SEATS),
        (
            (plan(), {**entitlement(), "stiggId": "feature-nowhere"}),
            "FEATURE_NOT_FOUND",
            LIMIT,
        ),
        (
            (plan(), {**credit(), "stiggId": "cred-type-nowhere"}),
            "CREDIT_CURRENCY_NOT_FOUND",
            TOKENS,
        ),
        (
            (space(), {**bonus(), "stiggId": "cred-type-nowhere"}),
            "CREDIT_CURRENCY_NOT_FOUND",
            BONUS,
        ),
    ],
)
def test_unknown_ids(
    actions: Harness, lines: tuple[dict[str, Any], ...], code: str, line: str, *, exists: bool
) -> None:
    """An id that Stigg does not know fails its line in the words of the real call, also for a new customer."""
    if exists:
        customer(actions)

    foreseen = rehearsed(actions, *lines)
    real = actions.ok(ACTION, deal(*lines))

    assert by_line(foreseen) == by_line(real)
    assert [of(body, line)["errorCode"] for body in (foreseen, real)] == [code, code]
    assert f"lineItems[{len(lines) - 1}].stiggId" in of(foreseen, line)["message"]
    assert of(foreseen, line)["message"] == of(real, line)["message"]


def test_an_open_invoice(actions: Harness) -> None:
    """An unpaid invoice blocks the line whose subscription would be replaced, and no other."""
    customer(actions)
    sold = actions.ok(ACTION, deal(plan(), space(), **INVOICED))
    actions.emulator.invoice(of(sold, APP)["subscriptionId"], "OPEN")
    changed = (plan(plan_id="plan-starter"), space(unitPrice=1))

    foreseen = rehearsed(actions, *changed, **INVOICED)
    real = actions.ok(ACTION, deal(*changed, **INVOICED))

    assert by_line(foreseen) == by_line(real) == {APP: "failed", SPACE: "unchanged"}
    assert of(foreseen, APP)["errorCode"] == of(real, APP)["errorCode"] == "OPEN_INVOICE"
    assert of(foreseen, APP)["message"] == of(real, APP)["message"]


def test_another_currency(actions: Harness) -> None:
    """A currency that differs from the customer's is refused in the words of the real call."""
    customer(actions)

    replies = [actions.post(ACTION, deal(currency="EUR", dryRun=dry)) for dry in (True, False)]

    assert [reply.status for reply in replies] == [400, 400]
    assert replies[0].body["errorMessage"] == replies[1].body["errorMessage"]
    assert replies[0].body["details"][0]["field"] == "currency"


@pytest.mark.parametrize(
    ("method", "outcome"), [("INVOICE", "paymentRequired"), ("NONE", "created")], ids=["invoiced", "not collected"]
)
def test_paid_grants(actions: Harness, method: str, outcome: str) -> None:
    """A paid grant costs its price times its quantity once, exactly; it has a total of its own."""
    customer(actions)
    lines = (space(), bonus(quantity=333, **PAID))

    foreseen = rehearsed(actions, *lines, paymentCollectionMethod=method)
    real = actions.ok(ACTION, deal(*lines, paymentCollectionMethod=method))

    assert of(foreseen, BONUS)["outcome"] == of(real, BONUS)["outcome"] == outcome
    assert of(foreseen, BONUS)["immediateTotal"] == 33.3
    assert {"currency": "usd", "immediateTotal": 33.3, "recurringTotal": 0} in foreseen["totals"]


def test_a_later_start(actions: Harness) -> None:
    """Lines whose term starts later are scheduled."""
    customer(actions)

    foreseen = rehearsed(actions, plan(), bonus(), startDate="2098-01-01")
    real = actions.ok(ACTION, deal(plan(), bonus(), startDate="2098-01-01"))

    assert by_line(foreseen) == by_line(real) == {APP: "scheduled", BONUS: "scheduled"}


def test_what_is_not_priced(actions: Harness) -> None:
    """The total of a plan with a price of its own is the catalog's, and the line says that it ignores the price."""
    customer(actions)

    foreseen = rehearsed(actions, plan(unitPrice=150, overrideBaseCharge=True), space())

    assert (of(foreseen, APP)["notPriced"], "notPriced" in of(foreseen, SPACE)) == (["priceOverrides"], False)


def test_an_amended_line(actions: Harness) -> None:
    """An amendment has the new recurring price of its subscription, and nothing to be paid now."""
    customer(actions)
    actions.ok(ACTION, deal(plan(), of_app(addon()), space(), of_app(entitlement())))
    changed = (plan(), of_app(addon(quantity=9)), space(), of_app(entitlement(quantity=90)))

    foreseen = rehearsed(actions, *changed)

    assert by_line(foreseen) == {APP: "amended", SEATS: "amended", SPACE: "unchanged", LIMIT: "amended"}
    assert foreseen["totals"] == [
        {"currency": "usd", "billingPeriod": "MONTHLY", "immediateTotal": 0, "recurringTotal": 199 + 9 * 9.9}
    ]
    assert of(foreseen, SEATS)["subscriptionId"] == of(foreseen, APP)["subscriptionId"]


def test_a_line_that_replaces_another_subscription(actions: Harness) -> None:
    """A line that takes the place of a subscription that was sold before names it."""
    customer(actions)
    old = actions.ok(
        "create-subscription-with-return-data",
        subscription(customerId=None, salesforceAccountId=ACCOUNT, customerName=None, salesforceRecordId=None),
    )

    foreseen, real = rehearsed(actions), actions.ok(ACTION, deal())

    assert of(foreseen, APP)["outcome"] == of(real, APP)["outcome"] == "replaced"
    assert (
        of(foreseen, APP)["replacedSubscriptionId"]
        == old["subscriptionId"]
        == real["lines"][0]["replacedSubscriptionId"]
    )
    assert in_stigg(actions, old["subscriptionId"])["status"] == "CANCELED"


def test_a_contract_is_not_rehearsed(actions: Harness) -> None:
    """The lines of a deal with a contract are rehearsed; the contract itself is not."""
    customer(actions)

    foreseen = rehearsed(actions, plan(plan_id="plan-enterprise"), contract=True, contractSetupBilling=False)

    assert (foreseen["contractOutcome"], foreseen["dryRunOutcome"]) == ("notStarted", "provisioned")
    assert foreseen["contractMessage"] == "A dry run makes no contract."


def test_a_downgrade_that_waits(actions: Harness) -> None:
    """A line whose subscription is to be downgraded is amended: the downgrade is called off."""
    customer(actions)
    actions.ok(ACTION, deal(plan(), addon()))
    actions.ok(
        "downgrade-subscription",
        {"salesforceRecordId": APP, "planId": "plan-grace", "downgradeWhen": "endOfBillingPeriod"},
    )

    foreseen = rehearsed(actions, plan(), addon(), reapply=True)
    real = actions.ok(ACTION, deal(plan(), addon(), reapply=True))

    assert by_line(foreseen) == by_line(real)


def test_an_adopted_subscription(actions: Harness) -> None:
    """A line that has adopted a subscription as it is requested is unchanged, not sold again."""
    customer(actions)
    actions.emulator.by_hand(
        "POST",
        "/api/v1/subscriptions",
        {"id": "sub-app", "customerId": ACCOUNT, "planId": "plan-growth", "billingPeriod": "MONTHLY",
         "paymentCollectionMethod": "NONE"},
    )  # fmt: skip
    actions.ok("adopt-subscription", {"subscriptionId": "sub-app", "salesforceRecordId": APP, "customerId": ACCOUNT})

    foreseen, real = rehearsed(actions), actions.ok(ACTION, deal())

    assert by_line(foreseen) == by_line(real)


def test_an_archived_customer(actions: Harness) -> None:
    """An archived customer is refused in the words of the real call."""
    customer(actions, name="Acme Corp")
    actions.ok("archive-customer", {"customerId": ACCOUNT})

    replies = [actions.post(ACTION, deal(updateCustomer=True, dryRun=dry)) for dry in (True, False)]

    assert replies[0].status == replies[1].status == 422
    assert replies[0].body["errorMessage"] == replies[1].body["errorMessage"]


def test_a_dry_run_counts_no_failures(actions: Harness) -> None:
    """Lines that would fail raise no alarm: they are not counted among the failures."""
    body = rehearsed(actions, plan(plan_id="plan-nowhere"))

    answer = ProvisionedOpportunity.model_validate(body)
    assert (answer.failed_count, answer.counts()) == (1, {})
