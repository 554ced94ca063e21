"""provision-contract, in this process: a contract with its subscriptions, all or nothing, and its changes."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.support import crashes
from tests.support.contracts import CONTRACT, CONTRACT_ID, ENTERPRISE, WORKSPACE, contract
from tests.support.harness import Harness
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_ACCOUNT,
    OTHER_LINE,
    current,
    in_stigg,
    mapped_status,
    sold,
    sold_in_the_app,
    subscription,
    upcoming,
)

ACTION = "provision-contract"
BY_LINE = {"salesforceRecordId": LINE}
POST_CONTRACT, PATCH_CONTRACT = "POST .*/contracts$", "PATCH .*/contracts/"
NEW_LINE = "00k000000000009AAA"
BOTH = (ENTERPRISE, WORKSPACE)


@pytest.fixture(autouse=True)
def _customer(actions: Harness) -> None:
    """A customer that is linked to its account."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})


def ago(seconds: float) -> str:
    """Return a moment of the past."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def in_the_emulator(actions: Harness) -> dict[str, Any]:
    """Return the only contract as Stigg has it."""
    (only,) = actions.emulator.state()["contracts"]
    return dict(only)


def members(actions: Harness) -> list[str]:
    """Return the subscriptions of the only contract in Stigg."""
    return [one["subscriptionId"] for one in in_the_emulator(actions)["subscriptions"]]


def sent(actions: Harness) -> list[str]:
    """Return the methods of the writes to contracts, in their order."""
    return [method for method, path in actions.writes_to_stigg() if "/contracts" in path]


def problems(actions: Harness, body: dict[str, Any]) -> dict[str, str]:
    """Return the problems of a refused request by field; nothing was sent to Stigg for it."""
    before = actions.writes_to_stigg()
    reply = actions.post(ACTION, body)
    assert (reply.status, actions.writes_to_stigg()) == (400, before)
    return {item["field"]: item["problem"] for item in reply.body["details"]}


def test_created(actions: Harness) -> None:
    """A contract is created with two new subscriptions, each mapped to its record like any sale."""
    body = actions.ok(
        ACTION,
        contract(
            *BOTH, poNumber="PO-1", activationStartDate="2026-01-01", activationEndDate="2099-12-31", correlationId="c"
        ),
    )

    ids = members(actions)
    assert body == {
        "success": True,
        "outcome": "created",
        "correlationId": "c",
        "replayed": False,
        "contractId": CONTRACT_ID,
        "customerId": "cust-acme",
        "customerUrl": "https://app.stigg.io/development-local/customers/cust-acme",
        "name": "PO-1",
        "poNumber": "PO-1",
        "state": "ACTIVE",
        "activationStartDate": "2026-01-01T00:00:00Z",
        "activationEndDate": "2099-12-31T23:59:59Z",
        "billed": True,
        "subscriptions": [
            {
                "subscriptionId": ids[0],
                "salesforceRecordId": LINE,
                "planId": "plan-enterprise",
                "status": "ACTIVE",
                "change": "created",
            },
            {
                "subscriptionId": ids[1],
                "salesforceRecordId": OTHER_LINE,
                "planId": "plan-workspace",
                "status": "ACTIVE",
                "change": "created",
            },
        ],
    }
    assert [current(actions, LINE), current(actions, OTHER_LINE)] == ids
    assert (actions.live("cust-acme"), actions.live("cust-acme", "desk")) == ([ids[0]], [ids[1]])
    assert [actions.history(line) for line in (LINE, OTHER_LINE)] == [["created"], ["created"]]
    assert in_stigg(actions, ids[0])["metadata"]["salesforceRecordId"] == LINE
    assert actions.terms(ids[1])["planId"] == "plan-workspace"
    assert (sent(actions), actions.invoke("reconcile", {"dryRun": True})["mended"]) == (["POST"], [])


def test_created_by_account(actions: Harness) -> None:
    """A contract without subscriptions and billing is a draft, of the customer that its account is linked to."""
    named = {"customerId": None, "salesforceAccountId": ACCOUNT, "salesforceRecordId": None, "contractId": "c-1"}

    body = actions.ok(ACTION, contract(**named, setupBilling=False))

    assert (body["outcome"], body["contractId"], body["customerId"]) == ("created", "c-1", "cust-acme")
    assert (body["state"], body["billed"], body["subscriptions"]) == ("DRAFT", False, [])


def test_an_account_is_kept_with_a_new_subscription(actions: Harness) -> None:
    """The account of the request is stored with new subscriptions, as their Salesforce id."""
    actions.ok(ACTION, contract(ENTERPRISE, salesforceAccountId=ACCOUNT))

    (only,) = members(actions)
    assert in_stigg(actions, only)["sent"]["salesforceId"] == ACCOUNT
    assert in_stigg(actions, only)["metadata"]["salesforceAccountId"] == ACCOUNT


def test_existing_subscriptions(actions: Harness) -> None:
    """A contract takes subscriptions that exist, by record and by id, beside a new one of another product."""
    first = sold(actions, planId="plan-enterprise", billingPeriod=None)

    body = actions.ok(ACTION, contract({"subscriptionId": first}, WORKSPACE))

    assert [part["change"] for part in body["subscriptions"]] == ["added", "created"]
    assert members(actions) == [first, current(actions, OTHER_LINE)]
    assert body["subscriptions"][0]["salesforceRecordId"] == LINE


def test_two_new_ones_on_one_resource(actions: Harness) -> None:
    """A new subscription takes the place of the live one of its product, and the list of the resource has both."""
    old = sold(actions)
    in_the_app = sold_in_the_app(actions, "sub-desk", planId="plan-workspace", resourceId="desk")

    body = actions.ok(ACTION, contract(ENTERPRISE | {"resourceId": None}, WORKSPACE))

    ids = members(actions)
    assert sorted(body["replacedSubscriptionIds"]) == sorted([old, in_the_app])
    assert (actions.live("cust-acme"), actions.live("cust-acme", "desk")) == ([ids[0]], [ids[1]])
    assert (current(actions), actions.history(LINE)) == (ids[0], ["created", "replaced"])
    assert actions.invoke("reconcile", {"dryRun": True})["mended"] == []


def test_the_record_of_another_line_is_closed(actions: Harness) -> None:
    """A new subscription for a new line ends the one of the old line, whose mapping is closed."""
    old = sold(actions)

    body = actions.ok(ACTION, contract(ENTERPRISE | {"salesforceRecordId": OTHER_LINE}))

    assert body["replacedSubscriptionIds"] == [old]
    assert (current(actions, LINE), actions.history(LINE)) == (None, ["created", "closed"])
    assert current(actions, OTHER_LINE) == members(actions)[0]


def test_a_later_start(actions: Harness) -> None:
    """A subscription that starts later leaves its contract a draft, and is the next one of its record."""
    running = sold(actions)

    body = actions.ok(ACTION, contract(ENTERPRISE | {"startDate": "2099-01-01"}))

    assert (body["state"], body["subscriptions"][0]["status"]) == ("DRAFT", "NOT_STARTED")
    assert (current(actions), upcoming(actions)) == (running, members(actions)[0])
    assert actions.history(LINE) == ["created", "scheduled"]


def test_updated(actions: Harness) -> None:
    """Other contents change the contract: only differences are sent, and a subscription that leaves stays active."""
    actions.ok(ACTION, contract(*BOTH, setupBilling=False))
    ids = members(actions)

    body = actions.ok(ACTION, contract(BY_LINE, poNumber="PO-2", setupBilling=True))

    assert (body["outcome"], body["poNumber"], body["billed"]) == ("updated", "PO-2", True)
    assert body["removedSubscriptionIds"] == [ids[1]]
    assert [part["change"] for part in body["subscriptions"]] == ["kept"]
    assert (members(actions), mapped_status(actions, OTHER_LINE)) == ([ids[0]], "ACTIVE")
    assert in_stigg(actions, ids[1])["status"] == "ACTIVE"
    assert sent(actions) == ["POST", "PATCH"]


def test_emptied(actions: Harness) -> None:
    """An empty list takes all subscriptions off the contract; without a list, they stay."""
    actions.ok(ACTION, contract(*BOTH))
    ids = members(actions)

    renamed = actions.ok(ACTION, contract(name="Acme 2027"))
    emptied = actions.ok(ACTION, contract(subscriptions=[]))

    assert ([part["change"] for part in renamed["subscriptions"]], renamed["name"]) == (["kept"] * 2, "Acme 2027")
    assert (emptied["outcome"], emptied["removedSubscriptionIds"], emptied["state"]) == ("updated", ids, "DRAFT")


def test_unchanged(actions: Harness) -> None:
    """The same contents a day later change nothing, although new subscriptions are given with their terms."""
    actions.ok(ACTION, contract(*BOTH, poNumber="PO-1"))
    actions.clock.skip(2 * 86_400)

    body = actions.ok(ACTION, contract(*BOTH, poNumber="PO-1"))

    assert (body["outcome"], body["replayed"], sent(actions)) == ("unchanged", False, ["POST"])
    assert [part["change"] for part in body["subscriptions"]] == ["kept", "kept"]


def test_a_hidden_name(actions: Harness) -> None:
    """Stigg shows the purchase-order number as name: a name is sent if it is another one than was sent before."""
    actions.ok(ACTION, contract(poNumber="PO-1"))

    same = actions.ok(ACTION, contract(poNumber="PO-1", idempotencyKey="again"))
    other = actions.ok(ACTION, contract(poNumber="PO-1", name="Acme 2027"))
    unnamed = actions.ok(ACTION, contract(name=None, poNumber="PO-2"))
    known = actions.ok(ACTION, contract(name="Acme 2027", poNumber="PO-2"))

    outcomes = [body["outcome"] for body in (same, other, unnamed, known)]
    assert (outcomes, sent(actions)) == (["unchanged", "updated", "updated", "unchanged"], ["POST", "PATCH", "PATCH"])


def test_an_unnamed_contract_of_the_app(actions: Harness) -> None:
    """A contract that was created in the Stigg app is taken over by its id."""
    app = {"customerId": "cust-acme", "contractId": "c-app", "poNumber": "PO-9", "setupBilling": False}
    actions.stigg_app("POST", "/api/v1/contracts", app)

    body = actions.ok(ACTION, contract(salesforceRecordId=None, contractId="c-app", name="Acme"))

    assert (body["outcome"], body["contractId"], sent(actions)[-1]) == ("updated", "c-app", "PATCH")


def test_a_repeat(actions: Harness) -> None:
    """A repeat gets the stored answer while it is true; after a change in the app, the contract is set right again."""
    first = actions.ok(ACTION, contract(*BOTH, correlationId="c"))
    assert actions.ok(ACTION, contract(*reversed(BOTH), correlationId="c")) == first | {"replayed": True}
    actions.stigg_app("PATCH", f"/api/v1/contracts/{CONTRACT_ID}", {"subscriptionIds": members(actions)[:1]})

    body = actions.ok(ACTION, contract(*BOTH))

    assert (body["outcome"], body["replayed"]) == ("updated", False)
    assert [part["change"] for part in body["subscriptions"]] == ["kept", "added"]


def test_a_repeat_while_stigg_is_down(actions: Harness) -> None:
    """A repeat gets the stored answer if Stigg cannot say whether it is still true."""
    actions.ok(ACTION, contract())
    actions.emulator.fault("GET", "/contracts/", "status", {"status": 503, "body": {}})

    assert actions.ok(ACTION, contract())["replayed"]


def test_a_repeat_under_a_key(actions: Harness) -> None:
    """Under the caller's key, a request takes effect once, and other contents are refused."""
    keyed = contract(idempotencyKey="contract 1")
    actions.ok(ACTION, keyed)
    actions.ok(ACTION, contract(name="Acme 2027"))

    assert actions.ok(ACTION, keyed)["replayed"]
    assert actions.post(ACTION, keyed | {"name": "Other"}).body["errorCode"] == "IDEMPOTENCY_CONFLICT"


def test_an_older_request(actions: Harness) -> None:
    """A request from an older state than the contract's last change is superseded, and shows the contract as it is."""
    actions.ok(ACTION, contract(*BOTH))

    body = actions.ok(ACTION, contract(name="Old", asOf=ago(60)))

    assert (body["outcome"], body["name"], len(body["subscriptions"])) == ("superseded", "Acme 2026", 2)
    assert sent(actions) == ["POST"]


@pytest.mark.parametrize("pattern", [POST_CONTRACT, "GET .*/subscriptions"])
@pytest.mark.parametrize("after", [False, True])
def test_a_crash(actions: Harness, pattern: str, *, after: bool) -> None:
    """A run that dies leaves a contract that the next one creates, or finds with its subscriptions, once."""
    request = contract(*BOTH)
    crashes.crash(actions, ACTION, request, pattern, after=after)
    actions.clock.skip(12)

    body = actions.ok(ACTION, request)

    assert (body["outcome"], len(actions.emulator.state()["subscriptions"])) == ("created", 2)
    assert [current(actions, LINE), current(actions, OTHER_LINE)] == members(actions)


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_of_a_change(actions: Harness, *, after: bool) -> None:
    """A change that dies is made by the next run, or found."""
    actions.ok(ACTION, contract(*BOTH))
    request = contract(BY_LINE, poNumber="PO-2")
    crashes.crash(actions, ACTION, request, PATCH_CONTRACT, after=after)
    actions.clock.skip(12)

    body = actions.ok(ACTION, request)

    assert (body["outcome"], body["poNumber"], len(body["removedSubscriptionIds"])) == ("updated", "PO-2", 1)


def test_a_lost_answer(actions: Harness) -> None:
    """If the answer to the creation is lost, the contract is found by its id."""
    actions.emulator.fault("POST", "/contracts$", "cutAfter", times=1)

    assert actions.ok(ACTION, contract(*BOTH))["outcome"] == "created"
    assert len(actions.emulator.state()["subscriptions"]) == 2


def test_settled_by_reconcile(actions: Harness) -> None:
    """Reconcile finds the contract of a run that died after its creation, and maps its subscriptions."""
    crashes.crash(actions, ACTION, contract(*BOTH), POST_CONTRACT, after=True)
    actions.clock.skip(200)

    actions.invoke("reconcile", {})

    assert [current(actions, LINE), current(actions, OTHER_LINE)] == members(actions)
    assert actions.operations()[-1] == ("contract", "SUCCEEDED") or ("contract", "SUCCEEDED") in actions.operations()


def test_what_is_shown_is_incomplete(actions: Harness) -> None:
    """If Stigg cannot show the new subscriptions, the outcome is unknown, and a repeat finds it out."""
    down = partial(actions.emulator.fault, "GET", "/subscriptions", "status", {"status": 503, "body": {}})
    container = crashes.container_that_first(actions, POST_CONTRACT, down)

    reply = actions.post(ACTION, contract(ENTERPRISE), container)

    assert (reply.status, reply.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    actions.emulator.clear_faults()
    assert actions.ok(ACTION, contract(ENTERPRISE))["outcome"] == "created"


def test_subscriptions_that_are_not_listed_yet(actions: Harness) -> None:
    """If Stigg's list does not have the new subscriptions yet, the outcome is unknown."""
    page = {"status": 200, "body": {"data": [], "pagination": {"next": None, "prev": None}}}
    late = partial(actions.emulator.fault, "GET", "/subscriptions", "status", page)
    container = crashes.container_that_first(actions, POST_CONTRACT, late)

    reply = actions.post(ACTION, contract(ENTERPRISE), container)

    assert (reply.status, reply.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert "does not show its subscriptions yet" in reply.body["errorMessage"]


def test_created_in_the_app_meanwhile(actions: Harness) -> None:
    """A contract that somebody creates with this id while the action runs is reported, and no other one is created."""
    app = {"customerId": "cust-acme", "contractId": CONTRACT_ID, "setupBilling": False}
    first = partial(actions.emulator.by_hand, "POST", "/api/v1/contracts", app)

    reply = actions.post(ACTION, contract(ENTERPRISE), crashes.container_that_first(actions, POST_CONTRACT, first))

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (409, "IN_PROGRESS", True)
    assert actions.emulator.state()["subscriptions"] == []
    assert "only together with a new contract" in problems(actions, contract(ENTERPRISE))["subscriptions[0].planId"]


def test_an_empty_one_that_was_created_in_the_app_meanwhile(actions: Harness) -> None:
    """A contract that somebody creates while the action runs is changed as requested, if nothing new belongs to it."""
    app = {"customerId": "cust-acme", "contractId": CONTRACT_ID, "poNumber": "PO-0"}
    first = partial(actions.emulator.by_hand, "POST", "/api/v1/contracts", app)
    container = crashes.container_that_first(actions, POST_CONTRACT, first)

    body = actions.post(ACTION, contract(poNumber="PO-1"), container).body

    assert (body["outcome"], body["poNumber"]) == ("created", "PO-1")


def test_not_there_after_a_crash(actions: Harness) -> None:
    """A contract of that id without the new subscriptions is not the effect of a run that died."""
    crashes.crash(actions, ACTION, contract(ENTERPRISE), POST_CONTRACT, after=False)
    actions.stigg_app("POST", "/api/v1/contracts", {"customerId": "cust-acme", "contractId": CONTRACT_ID})
    actions.clock.skip(12)

    reply = actions.post(ACTION, contract(ENTERPRISE))

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (504, "OUTCOME_UNKNOWN", True)
    actions.clock.skip(200)
    assert "only together with a new contract" in problems(actions, contract(ENTERPRISE))["subscriptions[0].planId"]
    assert current(actions) is None


def test_anothers_contract_after_a_crash(actions: Harness) -> None:
    """A contract that another customer got under the id is not taken for the effect of a run that died."""
    actions.ok("create-customer", {"customerId": "cust-beta", "name": "Beta"})
    crashes.crash(actions, ACTION, contract(), POST_CONTRACT, after=False)
    actions.stigg_app("POST", "/api/v1/contracts", {"customerId": "cust-beta", "contractId": CONTRACT_ID})
    actions.clock.skip(200)

    assert actions.post(ACTION, contract()).body["errorCode"] == "CUSTOMER_MISMATCH"


def test_archived(actions: Harness) -> None:
    """An archived contract cannot be provisioned again: the error names the way out."""
    actions.ok(ACTION, contract())
    actions.stigg_app("POST", f"/api/v1/contracts/{CONTRACT_ID}/archive", {})

    reply = actions.post(ACTION, contract())

    assert (reply.status, reply.body["errorCode"]) == (409, "CONTRACT_ARCHIVED")
    assert reply.body["errorMessage"].endswith(
        "Send the request with another contractId instead of salesforceRecordId."
    )


def test_billing_is_never_removed(actions: Harness) -> None:
    """A contract that is billed cannot become one that only grants access."""
    actions.ok(ACTION, contract())

    assert "Stigg removes no billing" in problems(actions, contract(setupBilling=False))["setupBilling"]


def test_another_customer(actions: Harness) -> None:
    """The contract, the account and the record of another customer are refused, and both are named."""
    actions.ok("create-customer", {"customerId": "cust-beta", "name": "Beta", "salesforceAccountId": OTHER_ACCOUNT})
    sold(actions)
    actions.ok(ACTION, contract())
    beta = {"customerId": "cust-beta"}

    for body in (
        contract(**beta),
        contract(ENTERPRISE, **beta, salesforceRecordId=None, contractId="c-2"),
        contract(**beta, salesforceAccountId=ACCOUNT, salesforceRecordId=None, contractId="c-2"),
    ):
        reply = actions.post(ACTION, body)
        assert (reply.status, reply.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")


def test_a_contract_that_only_stigg_knows_is_anothers(actions: Harness) -> None:
    """A contract of another customer that the tables do not have is refused by what Stigg shows."""
    actions.ok("create-customer", {"customerId": "cust-beta", "name": "Beta"})
    actions.stigg_app("POST", "/api/v1/contracts", {"customerId": "cust-beta", "contractId": CONTRACT_ID})

    assert actions.post(ACTION, contract()).body["errorCode"] == "CUSTOMER_MISMATCH"


def test_a_record_with_another_subscription(actions: Harness) -> None:
    """A new subscription that would run beside the record's own is refused, one that waits to start included."""
    sold(actions, planId="plan-workspace", resourceId="hall")
    assert actions.post(ACTION, contract(ENTERPRISE)).body["errorCode"] == "RECORD_IN_USE"
    sold(actions, salesforceRecordId=OTHER_LINE, startDate="2099-01-01")

    reply = actions.post(ACTION, contract(WORKSPACE))

    assert (reply.status, reply.body["errorCode"]) == (409, "RECORD_IN_USE")


def test_a_scheduled_subscription_that_was_called_off(actions: Harness) -> None:
    """A record whose scheduled subscription was canceled in the app is free for a new one."""
    ahead = sold(actions, salesforceRecordId=OTHER_LINE, startDate="2099-01-01")
    actions.stigg_app("POST", f"/api/v1/subscriptions/{ahead}/cancel", {"cancellationTime": "IMMEDIATE"})

    assert actions.ok(ACTION, contract(WORKSPACE))["outcome"] == "created"


def test_what_is_not_custom_priced(actions: Harness) -> None:
    """Free plans and paid plans whose payment is collected are refused, new and existing, by field with the remedy."""
    sold(actions, paymentCollectionMethod="INVOICE")
    free = {"salesforceRecordId": OTHER_LINE, "planId": "plan-free"}
    charged = {name: value for name, value in WORKSPACE.items() if name != "paymentCollectionMethod"}

    found = problems(actions, contract(BY_LINE, charged | {"salesforceRecordId": NEW_LINE}, free))

    assert "paymentCollectionMethod INVOICE" in found["subscriptions[0].salesforceRecordId"]
    assert "must be NONE for the paid plan plan-workspace" in found["subscriptions[1].paymentCollectionMethod"]
    assert "has the free plan plan-free" in found["subscriptions[2].planId"]
    gratis = sold(actions, salesforceRecordId=OTHER_LINE, planId="plan-free", billingPeriod=None)
    assert (
        "has the free plan"
        in problems(actions, contract({"subscriptionId": gratis}))["subscriptions[0].subscriptionId"]
    )


def test_one_of_each_product(actions: Harness) -> None:
    """Two subscriptions of one product are refused, new and existing."""
    sold(actions, planId="plan-workspace", resourceId="hall")
    hall = {"salesforceRecordId": LINE}

    new = problems(actions, contract(hall, WORKSPACE))
    sold(actions, salesforceRecordId=OTHER_LINE, planId="plan-workspace", resourceId="desk")
    existing = problems(actions, contract(hall, {"salesforceRecordId": OTHER_LINE}))

    assert "is of product product-workspaces, as subscriptions[0] is" in new["subscriptions[1].planId"]
    assert "is of product product-workspaces" in existing["subscriptions[1].salesforceRecordId"]


def test_one_currency(actions: Harness) -> None:
    """Subscriptions whose prices have two currencies are refused."""
    sold(actions, planId="plan-enterprise", billingPeriod=None, minimumSpend={"amount": 9, "currency": "eur"})
    dollars = WORKSPACE | {"planBaseChargeOverride": {"amount": 5, "currency": "usd"}}

    found = problems(actions, contract(BY_LINE, dollars))

    assert "has prices in usd, but subscriptions[0] has eur" in found["subscriptions[1].salesforceRecordId"]


def test_what_cannot_be_named(actions: Harness) -> None:
    """A record without a subscription, one of another customer, an ended and an unknown one are refused by field."""
    actions.ok("create-customer", {"customerId": "cust-beta", "name": "Beta"})
    ended = sold(actions)
    actions.ok("cancel-subscription", BY_LINE | {"cancelWhen": "now"})
    anothers = sold_in_the_app(actions, "sub-beta", customerId="cust-beta")

    found = problems(
        actions,
        contract(
            {"salesforceRecordId": NEW_LINE},
            {"subscriptionId": anothers},
            {"subscriptionId": ended},
            {"subscriptionId": "sub-none"},
        ),
    )

    assert "has no subscription" in found["subscriptions[0].salesforceRecordId"]
    assert "belongs to another customer" in found["subscriptions[1].subscriptionId"]
    assert "has ended (CANCELED)" in found["subscriptions[2].subscriptionId"]
    assert "does not exist in Stigg" in found["subscriptions[3].subscriptionId"]
    assert "has ended" in problems(actions, contract(BY_LINE))["subscriptions[0].salesforceRecordId"]


def test_given_twice(actions: Harness) -> None:
    """A subscription that is given by its record and by its id, or twice by its record, is refused."""
    name = sold(actions)

    assert (
        "as subscriptions[0] does"
        in problems(actions, contract(BY_LINE, {"subscriptionId": name}))["subscriptions[1].subscriptionId"]
    )
    assert "give it once" in problems(actions, contract(BY_LINE, BY_LINE))["subscriptions"]


def test_on_another_contract(actions: Harness) -> None:
    """A subscription of another contract is refused with the way to free it; then it can move."""
    actions.ok(ACTION, contract(ENTERPRISE))
    other = contract(BY_LINE, salesforceRecordId=None, contractId="c-2")

    assert "is on another contract" in problems(actions, other)["subscriptions[0].salesforceRecordId"]
    actions.ok(ACTION, contract(subscriptions=[]))
    assert actions.ok(ACTION, other)["subscriptions"][0]["change"] == "added"


def test_new_ones_for_an_existing_contract(actions: Harness) -> None:
    """A new subscription is created only with a new contract; once it exists, the same request puts it on."""
    actions.ok(ACTION, contract(ENTERPRISE))
    both = contract(*BOTH)
    assert "create-subscription" in problems(actions, both)["subscriptions[1].planId"]
    sold(actions, **WORKSPACE)

    body = actions.ok(ACTION, both)

    assert [part["change"] for part in body["subscriptions"]] == ["kept", "added"]


def test_other_terms_for_an_existing_contract(actions: Harness) -> None:
    """Terms that the subscription of the record does not have are not dropped silently."""
    actions.ok(ACTION, contract(ENTERPRISE))
    more = ENTERPRISE | {"addons": [{"id": "addon-seats", "quantity": 2}]}

    assert "change it with update-subscription" in problems(actions, contract(more))["subscriptions[0].planId"]


def test_an_unknown_plan(actions: Harness) -> None:
    """An unknown plan is refused under its own field, with similar ids."""
    reply = actions.post(ACTION, contract(ENTERPRISE | {"planId": "plan-enterprises"}))

    assert (reply.status, reply.body["errorCode"]) == (404, "PLAN_NOT_FOUND")
    assert reply.body["details"][0]["field"] == "subscriptions[0].planId"
    assert "plan-enterprise" in reply.body["errorMessage"]


def test_an_unknown_addon(actions: Harness) -> None:
    """An unknown add-on of a new subscription is refused by Stigg, and named with its place; nothing is created."""
    reply = actions.post(ACTION, contract(ENTERPRISE | {"addons": [{"id": "addon-seat", "quantity": 2}]}))

    assert (reply.status, reply.body["errorCode"]) == (404, "ADDON_NOT_FOUND")
    assert reply.body["details"][0]["field"] == "subscriptions[0].addons"
    assert (actions.emulator.state()["contracts"], actions.emulator.state()["subscriptions"]) == ([], [])


def test_an_unknown_customer(actions: Harness) -> None:
    """A customer that Stigg does not know is refused."""
    reply = actions.post(ACTION, contract(customerId="cust-unknown"))

    assert (reply.status, reply.body["errorCode"]) == (404, "CUSTOMER_NOT_FOUND")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customerId": None}, "customerId"),
        ({"salesforceRecordId": None}, "contractId"),
        ({"contractId": "c-1"}, "contractId"),
        ({"setupBilling": None}, "setupBilling"),
        ({"activationStartDate": "2027-01-01", "activationEndDate": "2026-12-31"}, "activationEndDate"),
        ({"subscriptions": [{}]}, "subscriptions[0].subscriptionId"),
        ({"subscriptions": [BY_LINE | {"subscriptionId": "sub-1"}]}, "subscriptions[0].subscriptionId"),
        ({"subscriptions": [{"subscriptionId": "sub-1", "planId": "plan-enterprise"}]}, "subscriptions[0].planId"),
        ({"subscriptions": [BY_LINE | {"billingPeriod": "MONTHLY"}]}, "subscriptions[0].billingPeriod"),
        ({"subscriptions": [{"subscriptionId": f"sub-{number}"} for number in range(16)]}, "subscriptions"),
    ],
)
def test_bad_requests(actions: Harness, changes: dict[str, Any], field: str) -> None:
    """Each malformed request names its field."""
    assert field in problems(actions, contract(**changes))


def test_as_many_as_possible(actions: Harness) -> None:
    """As many subscriptions as a request may have fit into one contract request; their products decide the rest."""
    lines = [f"00k0000000002{number:02}" for number in range(15)]
    entries = [WORKSPACE | {"salesforceRecordId": line, "resourceId": f"desk-{line}"} for line in lines]

    assert len(problems(actions, contract(*entries))) == 14


def test_two_at_once(actions: Harness) -> None:
    """Two requests for one contract at once make one contract with one set of subscriptions."""
    replies = actions.at_once((ACTION, contract(*BOTH)), (ACTION, contract(*BOTH)))

    assert {reply.status for reply in replies} <= {200, 409}
    assert len(actions.emulator.state()["subscriptions"]) == 2


def test_two_customers_for_one_record(actions: Harness) -> None:
    """A record that a contract claims cannot be sold for another customer at the same time."""
    actions.ok("create-customer", {"customerId": "cust-beta", "name": "Beta"})

    replies = actions.at_once(
        (ACTION, contract(ENTERPRISE)),
        ("create-subscription", subscription(customerId="cust-beta", planId="plan-enterprise", billingPeriod=None)),
    )

    assert sorted(reply.status for reply in replies) == [200, 409]
    assert len(actions.emulator.state()["subscriptions"]) == 1
    assert CONTRACT not in (current(actions) or "")


def test_what_a_record_leaves_where_another_is_new(actions: Harness) -> None:
    """A list has what is new there, and not what a record of the same contract had there before and has no more."""
    desk = {"planId": "plan-workspace", "resourceId": "desk"}
    old = sold(actions, salesforceRecordId=OTHER_LINE, **desk)
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{old}/cancel", {"cancellationTime": "IMMEDIATE"})

    actions.ok(ACTION, contract({**ENTERPRISE, "resourceId": "desk"}, {**WORKSPACE, "resourceId": "lab"}))

    assert actions.live("cust-acme", "desk") == [current(actions, LINE)]
    assert actions.live("cust-acme", "lab") == [current(actions, OTHER_LINE)]
