"""reconcile after the tables were lost: the marks in Stigg lead every record to its subscription again."""

from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer

from tests.support.deals import ACTION as DEAL
from tests.support.deals import deal, writes
from tests.support.harness import Harness
from tests.support.ramps import years
from tests.support.requests import ACCOUNT, OTHER_ACCOUNT, current, grant, sold, subscription, upcoming
from tests.support.some import some

FIRST, SECOND, RENEWED = "00k000000000091AAA", "00k000000000092AAA", "00k000000000093AAA"
SALE = "create-subscription-with-return-data"
LOST = {"latest", "sold", "version", "terms", "before_downgrade", "followed_by", "ramp", "step_waits", "step_at"}
"""What no mark in Stigg says: the operation that came last and what it was given, and the later segments of a ramp."""

type Mappings = dict[tuple[str, str], dict[str, Any]]


def mappings(actions: Harness) -> Mappings:
    """Return what the tables map, without history, lines of deals, and what only operations know."""
    read = TypeDeserializer().deserialize
    items = [{name: read(of) for name, of in item.items()} for item in actions.tables.items(actions.tables.mappings)]
    return {
        (item["pk"], item["sk"]): {name: value for name, value in item.items() if name not in LOST}
        for item in items
        if item["sk"] in {"record", "account", "subscription"} or item["sk"].startswith("resource#")
    }


def reconciled(actions: Harness) -> set[str]:
    """Run three rounds, as the runbook says; return the problems that were found."""
    rounds = [actions.invoke("reconcile", {}) for _ in range(3)]

    assert [run["complete"] for run in some(rounds)] == [True] * 3
    return {found["problem"] for run in rounds for found in run["mended"]}


def made(actions: Harness) -> list[str]:
    """Return the ids of the subscriptions that were made in Stigg."""
    return [subscription["id"] for subscription in actions.emulator.state()["subscriptions"]]


def ended_with(actions: Harness, record_id: str) -> set[str]:
    """Return how the keys of a record that has moved on, and of its subscription, end."""
    states = [item for item in mappings(actions).values() if item.get("record_id") == record_id]
    return {record_id, *(item["subscription_id"] for item in states if "subscription_id" in item)}


def test_all_tables_are_lost(actions: Harness) -> None:
    """Every live subscription is its record's, every account its customer's, and what was to follow follows."""
    sold(actions, salesforceRecordId=FIRST, salesforceAccountId=ACCOUNT)
    sold(actions, salesforceRecordId=SECOND, planId="plan-workspace", resourceId="site-1")
    renewal = {"salesforceRecordId": SECOND, "newSalesforceRecordId": RENEWED, "strategy": "replace"}
    actions.ok("renew-subscription", renewal)
    actions.ok("downgrade-subscription", {"salesforceRecordId": FIRST, "downgradeWhen": "endOfBillingPeriod"})
    actions.ok(DEAL, deal(*years(50, 80), salesforceAccountId=OTHER_ACCOUNT))
    before, over = mappings(actions), ended_with(actions, SECOND)
    actions.tables.clear()

    problems = reconciled(actions)

    assert problems == {"missing"}
    assert mappings(actions) == {key: item for key, item in before.items() if key[0].split("#")[-1] not in over}


def test_nothing_is_sold_twice_after_the_loss(actions: Harness) -> None:
    """Requests that are sent again after the loss find what they made, and a deal stores its later segments again."""
    request = subscription(
        salesforceRecordId=FIRST, customerName="Acme", minimumSpend={"amount": 50, "currency": "usd"}
    )
    one, lines = actions.ok(SALE, request)["subscriptionId"], years(50, 80)
    actions.ok(DEAL, deal(*lines, salesforceAccountId=OTHER_ACCOUNT))
    before = made(actions)
    actions.tables.clear()
    reconciled(actions)

    again = actions.ok(SALE, request)
    actions.ok(DEAL, deal(*lines, salesforceAccountId=OTHER_ACCOUNT))

    assert (again["subscriptionId"], again["outcome"]) == (one, "unchanged")
    assert made(actions) == before
    ramp = actions.ok("get-subscription", {"salesforceRecordId": lines[0]["salesforceLineItemId"]})["ramp"]
    assert [segment["state"] for segment in ramp] == ["current", "waiting"]


@pytest.mark.parametrize("lost", ["record", "account"])
def test_an_account_is_linked_again(actions: Harness, lost: str) -> None:
    """A lost link of an account is written with its record's mapping, or by a rebuild of its customer."""
    sold(actions, salesforceAccountId=ACCOUNT)
    actions.tables.lose_mappings("account")
    if lost == "record":
        actions.tables.lose_mappings("record")
        actions.tables.lose_mappings("subscription")

    body = actions.invoke("reconcile", {"customerId": "cust-acme", "rebuild": True})

    assert [found["problem"] for found in body["mended"]] == ["missing" if lost == "record" else "unlisted"]
    assert actions.ok("create-credit-grant", grant(customerId=None, salesforceAccountId=ACCOUNT))["customerId"]


@pytest.mark.parametrize("first", ["running", "scheduled"])
def test_which_of_two_is_found_first_does_not_matter(actions: Harness, first: str) -> None:
    """The subscription that runs is the record's, and the one that has yet to start follows it."""
    running = sold(actions, salesforceRecordId=FIRST)
    actions.ok("downgrade-subscription", {"salesforceRecordId": FIRST, "downgradeWhen": "endOfBillingPeriod"})
    scheduled = upcoming(actions, FIRST)
    actions.tables.clear()

    for found in [running, scheduled] if first == "running" else [scheduled, running]:
        actions.ok("get-subscription", {"subscriptionId": found})

    assert (current(actions, FIRST), upcoming(actions, FIRST)) == (running, scheduled)


def test_a_scheduled_one_beside_another_is_a_conflict(actions: Harness) -> None:
    """A third subscription that names a record with one that runs and one that follows is left to a person."""
    sold(actions, salesforceRecordId=FIRST)
    actions.ok("downgrade-subscription", {"salesforceRecordId": FIRST, "downgradeWhen": "endOfBillingPeriod"})
    marks = {"salesforceOrgId": "00D000000000001EAA", "salesforceRecordId": FIRST}
    body = {"id": "sub-third", "customerId": "cust-acme", "planId": "plan-workspace", "resourceId": "site-9"}
    terms = {"billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE", "metadata": marks}
    actions.stigg_app("POST", "/api/v1/subscriptions", {**body, **terms})
    before = writes(actions)

    assert reconciled(actions) == {"conflict"}
    assert writes(actions) == before
