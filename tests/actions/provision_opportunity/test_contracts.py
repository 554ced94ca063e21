"""Opportunities whose subscriptions are bundled in one contract."""

from typing import Any

import pytest

from tests.support.crashes import crash
from tests.support.deals import ACTION, APP, OPPORTUNITY, SPACE, addon, bonus, deal, of, of_app, plan, space
from tests.support.harness import Harness
from tests.support.requests import ACCOUNT

BUNDLED: dict[str, Any] = {"contract": True, "contractSetupBilling": False}
NAMED = BUNDLED | {"contractName": "Acme 2027", "contractPoNumber": "PO-4711"}


def contracts(actions: Harness) -> list[dict[str, Any]]:
    """Return the contracts in Stigg."""
    found: list[dict[str, Any]] = actions.emulator.state()["contracts"]
    return found


def members(actions: Harness) -> set[str]:
    """Return the subscriptions of the only contract."""
    (contract,) = contracts(actions)
    return {one["subscriptionId"] for one in contract["subscriptions"]}


def sold(body: dict[str, Any], *lines: str) -> set[str]:
    """Return the subscriptions of lines."""
    return {of(body, line)["subscriptionId"] for line in lines}


def test_bundled(actions: Harness) -> None:
    """The subscriptions of all plan lines are on one contract, with name, order number and the term of the deal."""
    term = {"startDate": "2099-01-01", "endDate": "2099-12-31"}

    body = actions.ok(ACTION, deal(plan(), of_app(addon()), space(), bonus(), **NAMED, **term))

    (contract,) = contracts(actions)
    assert (body["outcome"], body["contractOutcome"]) == ("provisioned", "created")
    assert OPPORTUNITY in body["contractId"]
    assert members(actions) == sold(body, APP, SPACE)
    assert contract["poNumber"] == "PO-4711"
    assert contract["activationEndDate"].startswith("2099-12-31")


def test_without_it(actions: Harness) -> None:
    """A deal that does not ask for a contract has none, and its answer says nothing about one."""
    body = actions.ok(ACTION, deal(plan()))

    assert (contracts(actions), [name for name in body if name.startswith("contract")]) == ([], [])


def test_again(actions: Harness) -> None:
    """The same deal again changes nothing."""
    actions.ok(ACTION, deal(plan(), space(), **NAMED))
    before = len(actions.writes_to_stigg())

    body = actions.ok(ACTION, deal(plan(), space(), **NAMED))

    assert (body["outcome"], body["contractOutcome"]) == ("unchanged", "unchanged")
    assert len(actions.writes_to_stigg()) == before


def test_a_further_line(actions: Harness) -> None:
    """A line that is added to the deal joins its contract."""
    named = BUNDLED | {"contractName": "Acme 2027"}
    actions.ok(ACTION, deal(plan(), **named))

    body = actions.ok(ACTION, deal(plan(), space(), **named))

    assert (body["contractOutcome"], members(actions)) == ("updated", sold(body, APP, SPACE))
    assert contracts(actions)[0]["name"] == "Acme 2027"


def test_a_replaced_plan(actions: Harness) -> None:
    """If a line's subscription is replaced, the new one is on the contract."""
    actions.ok(ACTION, deal(plan(), **NAMED))

    body = actions.ok(ACTION, deal(plan(plan_id="plan-starter"), **NAMED))

    assert (of(body, APP)["outcome"], members(actions)) == ("replaced", sold(body, APP))


def test_a_line_that_fails(actions: Harness) -> None:
    """While a line fails, the contract waits; once it succeeds, all are on it."""
    actions.emulator.fault("POST", "/subscriptions$", "status", {"status": 422, "body": {"code": "No"}}, times=1)

    partial = actions.ok(ACTION, deal(plan(), space(), **NAMED))
    body = actions.ok(ACTION, deal(plan(), space(), **NAMED))

    assert (partial["outcome"], partial["contractOutcome"]) == ("partial", "notStarted")
    assert partial["contractMessage"] == "Not all lines are as requested yet."
    assert (body["contractOutcome"], members(actions)) == ("created", sold(body, APP, SPACE))


def test_a_contract_that_fails(actions: Harness) -> None:
    """If the contract cannot be made, the lines are sold, the answer says why, and the next call makes it."""
    actions.emulator.fault("POST", "/contracts$", "status", 503)

    partial = actions.ok(ACTION, deal(plan(), **NAMED))
    actions.emulator.clear_faults()
    actions.clock.skip(100)
    body = actions.ok(ACTION, deal(plan(), **NAMED))

    assert (partial["outcome"], of(partial, APP)["outcome"], partial["contractOutcome"]) == (
        "partial",
        "created",
        "failed",
    )
    assert (partial["retryable"], partial["contractErrorCode"]) == (True, "OUTCOME_UNKNOWN")
    assert (body["outcome"], body["contractOutcome"], members(actions)) == ("provisioned", "created", sold(body, APP))


@pytest.mark.parametrize("after", [False, True])
def test_killed(actions: Harness, *, after: bool) -> None:
    """Killed while the contract is made, the repeat ends with one contract and no second sale."""
    crash(actions, ACTION, deal(plan(), space(), **NAMED), "POST .*/contracts$", after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, deal(plan(), space(), **NAMED))

    assert members(actions) == sold(body, APP, SPACE)
    assert len(actions.emulator.state()["subscriptions"]) == 2


@pytest.mark.parametrize(
    ("change", "field", "remedy"),
    [
        ({"contract": True}, "contractSetupBilling", "is required with contract true"),
        ({"contractName": "Acme"}, "contractName", "only possible with contract true"),
        ({"contractPoNumber": "1"}, "contractPoNumber", "only possible with contract true"),
        ({"contractSetupBilling": True}, "contractSetupBilling", "only possible with contract true"),
        (BUNDLED | {"paymentCollectionMethod": "INVOICE"}, "paymentCollectionMethod", "must be NONE for the paid plan"),
        (
            BUNDLED | {"lineItems": [plan(), plan(SPACE, "plan-starter", resourceId="site-2")]},
            "lineItems[1].stiggId",
            "one subscription of each product",
        ),
        (BUNDLED | {"lineItems": [plan(plan_id="plan-free")]}, "lineItems[0].stiggId", "use a CUSTOM plan"),
        (
            BUNDLED
            | {
                "lineItems": [
                    space(resourceId=f"w-{n}") | {"salesforceLineItemId": f"00k0000000001{n:02}AAA"} for n in range(16)
                ]
            },
            "lineItems",
            "has 16 plans",
        ),
    ],
)
def test_refused(actions: Harness, change: dict[str, Any], field: str, remedy: str) -> None:
    """What cannot be on one contract is refused by field before anything is sold."""
    reply = actions.post(ACTION, deal(plan()) | change)

    problems = {problem["field"]: problem["problem"] for problem in reply.body["details"]}
    assert (reply.status, actions.writes_to_stigg()) == (400, [])
    assert remedy in problems[field]


def test_an_unknown_plan(actions: Harness) -> None:
    """An unknown plan fails its line, as without a contract, and the contract waits."""
    body = actions.ok(ACTION, deal(plan(), space(stiggId="plan-unknown"), **BUNDLED))

    assert (of(body, SPACE)["errorCode"], body["contractOutcome"]) == ("PLAN_NOT_FOUND", "notStarted")


def test_a_contract_of_another_customer(actions: Harness) -> None:
    """A contract of the opportunity that belongs to another customer is refused with the customers named."""
    actions.ok(ACTION, deal(plan(), **NAMED))
    actions.ok("create-customer", {"customerId": "cust-globex", "name": "Globex"})
    account = {"customerId": "cust-globex", "salesforceAccountId": ACCOUNT, "relinkAccount": True}
    actions.ok("create-customer", account)

    body = actions.ok(ACTION, deal(space(), **NAMED))

    assert (body["outcome"], body["contractOutcome"], body["contractErrorCode"]) == (
        "partial",
        "failed",
        "CUSTOMER_MISMATCH",
    )
