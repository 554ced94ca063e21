"""archive-customer, in this process: once, with the subscriptions that end with the customer, and back again."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.support import crashes
from tests.support.harness import Harness
from tests.support.promotions import promotion
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_ACCOUNT,
    OTHER_LINE,
    current,
    grant,
    in_stigg,
    mapped_status,
    sold,
    sold_in_the_app,
    subscription,
    upcoming,
    usage,
)

ACTION = "archive-customer"
ACME = {"customerId": "cust-acme"}
WITH_ALL = ACME | {"cancelSubscriptions": True}
RESTORE = ACME | {"restore": True}
NOT_FOUND = {"code": "CustomerNotFound", "message": "Customer not found"}
POST_ARCHIVE = "POST .*/archive$"


@pytest.fixture(autouse=True)
def _customer(actions: Harness) -> None:
    """A customer that is linked to its account."""
    actions.ok("create-customer", ACME | {"name": "Acme", "salesforceAccountId": ACCOUNT})


def ago(seconds: float) -> str:
    """Return a moment of the past."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def is_archived(actions: Harness) -> bool:
    """Whether Stigg has archived the customer."""
    (customer,) = actions.emulator.state()["customers"]
    return customer["archivedAt"] is not None


def sent(actions: Harness, what: str = "archive") -> int:
    """Count how often Stigg was asked to archive a customer, or to restore one."""
    return sum(path.endswith(f"/{what}") for _, path in actions.writes_to_stigg())


@pytest.mark.parametrize("name", [ACME, {"salesforceAccountId": ACCOUNT}, ACME | {"salesforceAccountId": ACCOUNT}])
def test_archived(actions: Harness, name: dict[str, Any]) -> None:
    """A customer is archived, by its id or by its account, and the tables say so."""
    body = actions.ok(ACTION, name | {"correlationId": "flow-1"})

    assert body.pop("archivedAt") > ago(60)
    assert body == {
        "success": True,
        "outcome": "archived",
        "correlationId": "flow-1",
        "replayed": False,
        "customerId": "cust-acme",
        "customerUrl": "https://app.stigg.io/development-local/customers/cust-acme",
        "archived": True,
    }
    assert is_archived(actions)
    assert actions.customer("cust-acme").archived_at is not None


def test_restored(actions: Harness) -> None:
    """An archived customer is restored, can be sold to again, and can be archived again."""
    actions.ok(ACTION, ACME)

    body = actions.ok(ACTION, RESTORE)

    assert (body["outcome"], body["archived"], "archivedAt" in body) == ("restored", False, False)
    assert actions.customer("cust-acme").archived_at is None
    sold(actions)
    assert actions.ok(ACTION, WITH_ALL)["outcome"] == "archived"
    assert (sent(actions), sent(actions, "unarchive")) == (2, 1)


@pytest.mark.parametrize(("request_body", "path"), [(ACME, "archive"), (RESTORE, None)])
def test_unchanged(actions: Harness, request_body: dict[str, Any], path: str | None) -> None:
    """A customer that is archived already, or that is to be restored and is not archived, is unchanged."""
    if path:
        actions.emulator.by_hand("POST", f"/api/v1/customers/cust-acme/{path}", {})

    body = actions.ok(ACTION, request_body)

    assert (body["outcome"], body["archived"]) == ("unchanged", path is not None)
    assert (actions.customer("cust-acme").archived_at is not None) == body["archived"]
    assert sent(actions) + sent(actions, "unarchive") == 0


def test_live_subscriptions(actions: Harness) -> None:
    """A customer with live subscriptions is not archived: the error names each of them with its record."""
    first = sold(actions)
    of_the_app = sold_in_the_app(actions, planId="plan-workspace", resourceId="desk")

    reply = actions.post(ACTION, ACME)

    assert (reply.status, reply.body["errorCode"]) == (409, "SUBSCRIPTIONS_LIVE")
    assert f"subscription {first} (plan-growth, ACTIVE, record {LINE})" in reply.body["errorMessage"]
    assert f"subscription {of_the_app} (plan-workspace, ACTIVE, no record)" in reply.body["errorMessage"]
    assert reply.body["errorMessage"].endswith("Cancel them first, or send cancelSubscriptions true.")
    assert [one["field"] for one in reply.body["details"]] == ["cancelSubscriptions"] * 2
    assert not is_archived(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{of_the_app}/cancel", {"cancellationTime": "IMMEDIATE"})
    assert actions.ok(ACTION, ACME)["outcome"] == "archived"


def test_subscriptions_end(actions: Harness) -> None:
    """With cancelSubscriptions, Stigg cancels all subscriptions, and mappings, lists and history follow."""
    first = sold(actions)
    second = sold(actions, salesforceRecordId=OTHER_LINE, planId="plan-workspace", resourceId="desk")
    of_the_app = sold_in_the_app(actions, planId="plan-workspace", resourceId="hall")

    body = actions.ok(ACTION, WITH_ALL)

    assert body["outcome"] == "archived"
    assert sorted(body["canceledSubscriptionIds"]) == sorted([first, second, of_the_app])
    assert [in_stigg(actions, one)["status"] for one in (first, second, of_the_app)] == ["CANCELED"] * 3
    assert [current(actions, line) for line in (LINE, OTHER_LINE)] == [first, second]
    assert [mapped_status(actions, line) for line in (LINE, OTHER_LINE)] == ["CANCELED"] * 2
    assert [actions.history(line) for line in (LINE, OTHER_LINE)] == [["created", "canceled"]] * 2
    assert (actions.live("cust-acme"), actions.live("cust-acme", "desk")) == ([], [])
    assert actions.invoke("reconcile", {"dryRun": True})["mended"] == []


def test_a_scheduled_subscription(actions: Harness) -> None:
    """A subscription that has yet to start counts as live, and is called off; alone, it stays the record's."""
    sold(actions)
    ahead = sold(actions, planId="plan-starter", startDate="2099-01-01")
    alone = {"planId": "plan-workspace", "resourceId": "desk", "salesforceRecordId": OTHER_LINE}
    later = sold(actions, **alone, startDate="2099-01-01")
    assert upcoming(actions) == ahead
    assert actions.post(ACTION, ACME).body["errorCode"] == "SUBSCRIPTIONS_LIVE"

    actions.ok(ACTION, WITH_ALL)

    assert upcoming(actions) is None
    assert actions.history(LINE)[-2:] == ["calledOff", "canceled"]
    assert (current(actions, OTHER_LINE), mapped_status(actions, OTHER_LINE)) == (later, "CANCELED")


def test_too_many(actions: Harness) -> None:
    """More subscriptions than one transaction takes are to be canceled first, even if the request allows it."""
    for number in range(25):
        sold_in_the_app(actions, f"sub-{number}", planId="plan-workspace", resourceId=f"desk-{number}")

    reply = actions.post(ACTION, WITH_ALL)

    assert (reply.status, reply.body["errorCode"]) == (409, "SUBSCRIPTIONS_LIVE")
    assert "and 5 more. These are more than 24." in reply.body["errorMessage"]
    assert not is_archived(actions)


def test_as_many_as_possible(actions: Harness) -> None:
    """So many subscriptions as one transaction takes end with their records, each in its own mapping."""
    lines = [f"00k0000000001{number:02}" for number in range(24)]
    for number, line in enumerate(lines):
        sold(actions, salesforceRecordId=line, planId="plan-workspace", resourceId=f"desk-{number}")

    body = actions.ok(ACTION, WITH_ALL)

    assert len(body["canceledSubscriptionIds"]) == 24
    assert actions.operations()[0] == ("archive", "SUCCEEDED")
    assert actions.invoke("reconcile", {"dryRun": True})["mended"] == []


def test_a_repeat(actions: Harness) -> None:
    """A repeat gets the stored answer while it is true; after a restoration in the app, it archives again."""
    first = actions.ok(ACTION, ACME | {"correlationId": "flow-1"})
    assert actions.ok(ACTION, ACME | {"correlationId": "flow-1"}) == first | {"replayed": True}
    actions.emulator.by_hand("POST", "/api/v1/customers/cust-acme/unarchive", {})

    again = actions.ok(ACTION, ACME)

    assert (again["outcome"], again["replayed"], sent(actions)) == ("archived", False, 2)


def test_a_repeat_while_stigg_is_down(actions: Harness) -> None:
    """A repeat gets the stored answer if Stigg cannot say whether it is still true."""
    actions.ok(ACTION, ACME)
    actions.emulator.fault("GET", "/customers/", "status", {"status": 503, "body": {}})

    assert actions.ok(ACTION, ACME)["replayed"]


def test_a_repeat_under_a_key(actions: Harness) -> None:
    """Under the caller's key, a request archives once, whatever happens since."""
    keyed = ACME | {"idempotencyKey": "leaves"}
    actions.ok(ACTION, keyed)
    actions.ok(ACTION, RESTORE)

    assert actions.ok(ACTION, keyed)["replayed"]
    assert not is_archived(actions)


def test_an_older_request(actions: Harness) -> None:
    """A request from an older state than the customer's last change is superseded, and shows the customer as it is."""
    actions.ok(ACTION, ACME)

    body = actions.ok(ACTION, RESTORE | {"asOf": ago(60)})

    assert (body["outcome"], body["archived"], is_archived(actions)) == ("superseded", True, True)


def test_an_older_sale(actions: Harness) -> None:
    """A sale from an older state does not follow a customer that was archived since."""
    first = sold(actions)
    actions.ok(ACTION, WITH_ALL)

    body = actions.ok("create-subscription-with-return-data", subscription(planId="plan-starter", asOf=ago(60)))

    assert (body["outcome"], body["subscriptionId"], body["status"]) == ("superseded", first, "CANCELED")


@pytest.mark.parametrize(
    ("action", "request_body"),
    [
        ("create-subscription", subscription()),
        ("create-subscription", subscription(customerName="Acme")),
        ("create-credit-grant", grant()),
        ("create-customer", ACME | {"name": "Acme Inc"}),
        ("grant-promotional-entitlement", promotion()),
        ("report-usage", usage()),
    ],
)
def test_what_an_archived_customer_is_refused(actions: Harness, action: str, request_body: dict[str, Any]) -> None:
    """An action for an archived customer is refused with the way to restore it; then the same request succeeds."""
    actions.ok(ACTION, ACME)

    reply = actions.post(action, request_body)

    assert (reply.status, reply.body["errorCode"]) == (422, "CUSTOMER_ARCHIVED")
    assert "Customer cust-acme is archived in Stigg's development environment" in reply.body["errorMessage"]
    assert "archive-customer and restore true" in reply.body["errorMessage"]
    actions.ok(ACTION, RESTORE)
    actions.ok(action, request_body)


def test_an_unknown_customer(actions: Harness) -> None:
    """A customer that does not exist is refused by its id, and an account without a customer by the account."""
    reply = actions.post(ACTION, {"customerId": "cust-nobody"})

    assert (reply.status, reply.body["errorCode"]) == (404, "CUSTOMER_NOT_FOUND")
    assert OTHER_ACCOUNT in actions.post(ACTION, {"salesforceAccountId": OTHER_ACCOUNT}).body["errorMessage"]


@pytest.mark.parametrize(
    ("request_body", "field"),
    [({}, "customerId"), (RESTORE | {"cancelSubscriptions": True}, "cancelSubscriptions")],
)
def test_bad_requests(actions: Harness, request_body: dict[str, Any], field: str) -> None:
    """A request names its customer, and does not both restore it and cancel its subscriptions."""
    reply = actions.post(ACTION, request_body)

    assert (reply.status, reply.body["details"][0]["field"]) == (400, field)


@pytest.mark.parametrize("after", [False, True])
def test_a_crash(actions: Harness, *, after: bool) -> None:
    """A run that dies at its write leaves a customer that the next one archives, or finds archived, once."""
    first = sold(actions)
    crashes.crash(actions, ACTION, WITH_ALL, POST_ARCHIVE, after=after)
    actions.clock.skip(12)

    body = actions.ok(ACTION, WITH_ALL)

    assert (body["outcome"], body["canceledSubscriptionIds"]) == ("archived", [first])
    assert (mapped_status(actions), sent(actions)) == ("CANCELED", 1)


def test_faster_in_the_app(actions: Harness) -> None:
    """A customer that somebody archives while the action runs is unchanged."""
    in_the_app = partial(actions.emulator.by_hand, "POST", "/api/v1/customers/cust-acme/archive", {})

    reply = actions.post(ACTION, ACME, crashes.container_that_first(actions, POST_ARCHIVE, in_the_app))

    assert (reply.status, reply.body["outcome"], sent(actions)) == (200, "unchanged", 0)


def test_refused_by_stigg(actions: Harness) -> None:
    """A refusal of Stigg reaches the caller, and the customer stays as it is."""
    actions.emulator.fault("POST", "/archive$", "status", {"status": 400, "body": {"code": "X", "message": "No."}})

    reply = actions.post(ACTION, ACME)

    assert (reply.status, reply.body["errorCode"], is_archived(actions)) == (422, "REFUSED_BY_STIGG", False)


def test_subscriptions_cannot_be_read_afterwards(actions: Harness) -> None:
    """If Stigg cannot show afterwards which subscriptions ended, the outcome is unknown, and a repeat finds it out."""
    first = sold(actions)
    down = partial(actions.emulator.fault, "GET", "/subscriptions", "status", {"status": 503, "body": {}})
    container = crashes.container_that_first(actions, POST_ARCHIVE, down)

    reply = actions.post(ACTION, WITH_ALL, container)

    assert (reply.status, reply.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert "accepted the change of customer cust-acme" in reply.body["errorMessage"]
    actions.emulator.clear_faults()
    assert actions.ok(ACTION, WITH_ALL)["canceledSubscriptionIds"] == [first]
    assert mapped_status(actions) == "CANCELED"


def test_deleted_meanwhile(actions: Harness) -> None:
    """A customer that Stigg no longer has when a lost run is looked for is reported as unknown to Stigg."""
    crashes.crash(actions, ACTION, ACME, POST_ARCHIVE, after=False)
    actions.emulator.reset()
    actions.clock.skip(200)

    assert actions.post(ACTION, ACME).body["errorCode"] == "CUSTOMER_NOT_FOUND"


def test_a_customer_that_is_gone_when_it_is_changed(actions: Harness) -> None:
    """A customer that Stigg shows, but does not know when it is changed, is not called archived."""
    actions.emulator.fault("PATCH", "/customers/", "status", {"status": 404, "body": NOT_FOUND})

    reply = actions.post("create-customer", ACME | {"name": "Acme Inc"})

    assert reply.body["errorCode"] == "CUSTOMER_NOT_FOUND"
