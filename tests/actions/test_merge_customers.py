"""merge-customers, in this process: two customers whose accounts Salesforce has merged become one."""

from typing import Any

import pytest

from stigg_actions.errors import ActionError, RequestInvalid
from tests.support.contexts import Context
from tests.support.crashes import crash
from tests.support.deals import APP, deal, plan
from tests.support.faulty_dynamodb import FaultyDynamoDB, refused
from tests.support.harness import Harness
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_ACCOUNT,
    OTHER_LINE,
    current,
    in_stigg,
    sold,
    sold_in_the_app,
    subscription,
)

ACTION = "merge-customers"
LINK = {"fromCustomerId": "cust-globex", "intoCustomerId": "cust-acme", "salesforceAccountId": OTHER_ACCOUNT}
MOVE = LINK | {"moveSubscriptions": True}
OF_GLOBEX = {"customerId": "cust-globex", "resourceId": "site-9"}
SEATS = [{"id": "addon-seats", "quantity": 3}]


@pytest.fixture(autouse=True)
def _customers(actions: Harness) -> None:
    """Two customers, each linked to its account."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})
    actions.ok("create-customer", {"customerId": "cust-globex", "name": "Globex", "salesforceAccountId": OTHER_ACCOUNT})


def merged(actions: Harness, request: dict[str, Any]) -> dict[str, Any]:
    """Call the action as an operator does; return its answer."""
    answer: dict[str, Any] = actions.invoke(ACTION, request)
    return answer


def customer_of(actions: Harness, account: str) -> str:
    """Return the customer that an account leads to."""
    return str(actions.ok("get-customer", {"salesforceAccountId": account})["customerId"])


def is_archived(actions: Harness, customer_id: str) -> bool:
    """Whether Stigg has archived a customer."""
    (found,) = [one for one in actions.emulator.state()["customers"] if one["id"] == customer_id]
    return found["archivedAt"] is not None


def test_linked(actions: Harness) -> None:
    """Without subscriptions to move, the account leads to the other customer, and nothing changes in Stigg."""
    own = sold(actions, **OF_GLOBEX)
    before = len(actions.writes_to_stigg())

    body = merged(actions, LINK)

    assert (body["outcome"], body["complete"], body["accountLinked"]) == ("merged", True, True)
    assert (body["subscriptions"], body["archived"], len(actions.writes_to_stigg())) == ([], False, before)
    assert (customer_of(actions, OTHER_ACCOUNT), customer_of(actions, ACCOUNT)) == ("cust-acme", "cust-acme")
    assert current(actions, LINE) == own
    assert (
        actions.ok("update-subscription", {"salesforceRecordId": LINE, "addons": SEATS})["customerId"] == "cust-globex"
    )


def test_moved(actions: Harness) -> None:
    """The live subscriptions move with their records, the other customer is archived, and every action goes on."""
    first = sold(actions, **OF_GLOBEX)
    second = sold_in_the_app(
        actions, "sub-of-the-app", customerId="cust-globex", planId="plan-workspace", resourceId="w"
    )
    ended = sold(actions, customerId="cust-globex", salesforceRecordId=OTHER_LINE)
    actions.ok("cancel-subscription", {"salesforceRecordId": OTHER_LINE, "cancelWhen": "now"})

    body = merged(actions, MOVE)

    assert (body["outcome"], body["complete"], body["archived"]) == ("merged", True, True)
    assert sorted(body["subscriptions"], key=lambda one: str(one["subscriptionId"])) == sorted(
        [
            {"subscriptionId": first, "planId": "plan-growth", "salesforceRecordId": LINE, "outcome": "moved"},
            {"subscriptionId": second, "planId": "plan-workspace", "outcome": "moved"},
        ],
        key=lambda one: str(one["subscriptionId"]),
    )
    assert [in_stigg(actions, one)["customerId"] for one in (first, second)] == ["cust-acme"] * 2
    assert (current(actions, LINE), current(actions, OTHER_LINE)) == (first, ended)
    assert actions.history(LINE) == ["created", "delegated"]
    assert (is_archived(actions, "cust-globex"), customer_of(actions, OTHER_ACCOUNT)) == (True, "cust-acme")
    assert actions.ok("update-subscription", {"salesforceRecordId": LINE, "addons": SEATS})["customerId"] == "cust-acme"
    assert actions.invoke("reconcile", {"dryRun": True})["mended"] == []


def test_again(actions: Harness) -> None:
    """The same request again finds nothing left to do."""
    sold(actions, **OF_GLOBEX)
    merged(actions, MOVE)
    before = len(actions.writes_to_stigg())

    body = merged(actions, MOVE)

    assert (body["outcome"], body["archived"], body["subscriptions"]) == ("merged", True, [])
    assert len(actions.writes_to_stigg()) == before


def test_without_the_account(actions: Harness) -> None:
    """Subscriptions can be moved without an account to link."""
    own = sold(actions, **OF_GLOBEX)

    body = merged(actions, MOVE | {"salesforceAccountId": None})

    assert (body["outcome"], body["accountLinked"], in_stigg(actions, own)["customerId"]) == (
        "merged",
        False,
        "cust-acme",
    )
    assert "salesforceAccountId" not in in_stigg(actions, own)["metadata"]


@pytest.mark.parametrize("linked", [False, True])
def test_a_dry_run(actions: Harness, *, linked: bool) -> None:
    """A dry run says what would move and whether the account is linked, and writes nothing."""
    own = sold(actions, **OF_GLOBEX)
    if linked:
        merged(actions, LINK)
    before = len(actions.writes_to_stigg()), actions.tables.items(actions.tables.mappings)

    body = merged(actions, MOVE | {"dryRun": True})

    assert (body["outcome"], body["complete"], body["accountLinked"], body["archived"]) == (
        "dryRun",
        False,
        linked,
        False,
    )
    assert [(one["subscriptionId"], one["outcome"]) for one in body["subscriptions"]] == [(own, "wouldMove")]
    assert (len(actions.writes_to_stigg()), actions.tables.items(actions.tables.mappings)) == before


def outcomes(body: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    """Return what came of each subscription, with the code of its error."""
    return {one["subscriptionId"]: (one["outcome"], one.get("errorCode")) for one in body["subscriptions"]}


def test_one_that_is_in_the_way(actions: Harness) -> None:
    """A subscription that cannot move is listed by a dry run, too, and keeps its customer until it can move."""
    blocked = sold(actions, **OF_GLOBEX)
    free = sold_in_the_app(actions, "sub-free", customerId="cust-globex", planId="plan-workspace", resourceId="w")
    own = sold(actions, resourceId="site-9", salesforceRecordId=OTHER_LINE)

    foreseen = merged(actions, MOVE | {"dryRun": True})
    body = merged(actions, MOVE)
    actions.ok("cancel-subscription", {"subscriptionId": own, "cancelWhen": "now"})
    again = merged(actions, MOVE)

    assert outcomes(foreseen) == {blocked: ("failed", "REFUSED_BY_STIGG"), free: ("wouldMove", None)}
    assert own in str(foreseen["subscriptions"])
    assert outcomes(body) == {blocked: ("failed", "REFUSED_BY_STIGG"), free: ("moved", None)}
    assert (body["outcome"], body["complete"], body["archived"]) == ("incomplete", False, False)
    assert (again["outcome"], again["archived"], in_stigg(actions, blocked)["customerId"]) == (
        "merged",
        True,
        "cust-acme",
    )


def test_when_time_runs_out(actions: Harness) -> None:
    """A call that has no time left moves nothing more and says so; the next one goes on."""
    sold(actions, **OF_GLOBEX)

    short = actions.invoke(ACTION, MOVE, Context(11))
    body = merged(actions, MOVE)

    assert (short["outcome"], short["complete"], short["subscriptions"]) == ("incomplete", False, [])
    assert (body["outcome"], body["complete"]) == ("merged", True)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", ["POST .*/delegate", "POST .*/archive$"])
def test_killed(actions: Harness, at: str, *, after: bool) -> None:
    """Killed at any of its writes, a later call ends the same."""
    own = sold(actions, **OF_GLOBEX)
    crash(actions, ACTION, MOVE, at, after=after)
    actions.clock.skip(100)

    body = merged(actions, MOVE)

    assert (body["outcome"], body["complete"], in_stigg(actions, own)["customerId"]) == ("merged", True, "cust-acme")
    assert actions.history(LINE) == ["created", "delegated"]
    assert is_archived(actions, "cust-globex")


def test_a_deal_of_the_merged_account(actions: Harness) -> None:
    """After the link alone, a deal whose line still runs for the other customer is refused with this way out."""
    of_globex = deal(plan(), salesforceAccountId=OTHER_ACCOUNT, customerId="cust-globex")
    actions.ok("provision-opportunity", of_globex)
    merged(actions, LINK)
    again = {name: value for name, value in of_globex.items() if name != "customerId"}

    refused = actions.post("provision-opportunity", again)
    merged(actions, MOVE)
    body = actions.ok("provision-opportunity", again | {"reapply": True})

    assert (refused.status, refused.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")
    assert "merge-customers" in refused.body["errorMessage"]
    assert body["customerId"] == "cust-acme"
    assert [one["customerId"] for one in actions.emulator.state()["subscriptions"]] == ["cust-acme"]
    assert current(actions, APP) == actions.emulator.state()["subscriptions"][0]["id"]


def test_a_link_that_another_call_changes(actions: Harness) -> None:
    """If the customer changes while the account is linked, the link is made on its present state."""
    client = FaultyDynamoDB(
        actions.tables.client, transact_write_items=[refused("TransactionCanceledException", "ConditionalCheckFailed")]
    )

    body = actions.invoke(ACTION, LINK, container=actions.container(dynamodb=client))

    assert (body["outcome"], customer_of(actions, OTHER_ACCOUNT)) == ("merged", "cust-acme")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fromCustomerId": "cust-unknown"}, "CUSTOMER_NOT_FOUND"),
        ({"intoCustomerId": "cust-unknown"}, "CUSTOMER_NOT_FOUND"),
        ({"fromCustomerId": "cust-third", "intoCustomerId": "cust-acme"}, "CUSTOMER_MISMATCH"),
    ],
)
def test_refused(actions: Harness, change: dict[str, str], code: str) -> None:
    """Customers that do not exist, and an account of a third one, are refused; nothing changes."""
    actions.ok("create-customer", {"customerId": "cust-third", "name": "Third"})

    with pytest.raises(ActionError) as error:
        merged(actions, MOVE | change)

    assert error.value.code == code
    assert customer_of(actions, OTHER_ACCOUNT) == "cust-globex"


@pytest.mark.parametrize("request_body", [LINK, MOVE, MOVE | {"dryRun": True}])
def test_into_an_archived_customer(actions: Harness, request_body: dict[str, Any]) -> None:
    """An account is not linked to an archived customer, nor is a subscription moved to one."""
    own = sold(actions, **OF_GLOBEX)
    actions.ok("archive-customer", {"customerId": "cust-acme"})

    with pytest.raises(ActionError, match="Customer cust-acme is archived") as error:
        merged(actions, request_body)

    assert error.value.code == "CUSTOMER_ARCHIVED"
    assert (customer_of(actions, OTHER_ACCOUNT), in_stigg(actions, own)["customerId"]) == ("cust-globex",) * 2


@pytest.mark.parametrize(
    ("request_body", "field"),
    [
        (LINK | {"intoCustomerId": "cust-globex"}, "intoCustomerId"),
        (LINK | {"salesforceAccountId": None}, "salesforceAccountId"),
    ],
)
def test_what_makes_no_sense(actions: Harness, request_body: dict[str, Any], field: str) -> None:
    """A customer is not merged into itself, and a request asks for something; the error names the field."""
    with pytest.raises(RequestInvalid) as error:
        merged(actions, request_body)

    assert [problem.field for problem in error.value.details] == [field]


def test_a_sale_for_a_record_of_the_merged_customer(actions: Harness) -> None:
    """A record whose subscription has ended is sold to the customer that remains."""
    sold(actions, **OF_GLOBEX)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})
    merged(actions, MOVE)

    request = subscription(salesforceAccountId=OTHER_ACCOUNT, customerId=None, planId="plan-starter")
    body = actions.ok("create-subscription-with-return-data", request)

    assert (body["outcome"], body["customerId"]) == ("created", "cust-acme")
