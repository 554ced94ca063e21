"""archive-contract, in this process: once, with the subscriptions that end with the contract."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.support import crashes
from tests.support.contracts import CONTRACT, CONTRACT_ID, ENTERPRISE, WORKSPACE, contract
from tests.support.harness import Harness
from tests.support.requests import LINE, OTHER_LINE, current, in_stigg, mapped_status, sold_in_the_app

ACTION = "archive-contract"
BY_RECORD = {"salesforceRecordId": CONTRACT}
WITH_ALL = BY_RECORD | {"cancelSubscriptions": True}
IN_THE_APP = {"customerId": "cust-acme", "contractId": "c-app", "setupBilling": False}
POST_ARCHIVE = "POST .*/contracts/.*/archive$"


@pytest.fixture(autouse=True)
def _customer(actions: Harness) -> None:
    """A customer."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})


def ago(seconds: float) -> str:
    """Return a moment of the past."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def provisioned(actions: Harness, *subscriptions: dict[str, Any]) -> list[str]:
    """Provision the contract with these subscriptions, and return their ids."""
    body = actions.ok("provision-contract", contract(*subscriptions))
    return [part["subscriptionId"] for part in body["subscriptions"]]


def state(actions: Harness) -> str:
    """Return the state of the only contract in Stigg."""
    (only,) = actions.emulator.state()["contracts"]
    return str(only["state"])


def sent(actions: Harness) -> int:
    """Count how often Stigg was asked to archive a contract."""
    return sum(path.endswith("/archive") for _, path in actions.writes_to_stigg())


@pytest.mark.parametrize("name", [BY_RECORD, {"contractId": CONTRACT_ID}])
def test_archived(actions: Harness, name: dict[str, Any]) -> None:
    """A contract without live subscriptions is archived, by its record or by its id."""
    provisioned(actions)

    body = actions.ok(ACTION, name | {"correlationId": "c"})

    assert body == {
        "success": True,
        "outcome": "archived",
        "correlationId": "c",
        "replayed": False,
        "contractId": CONTRACT_ID,
        "customerId": "cust-acme",
        "name": "Acme 2026",
        "state": "CANCELED",
        "billed": True,
    }
    assert state(actions) == "CANCELED"


def test_live_subscriptions(actions: Harness) -> None:
    """A contract with live subscriptions is not archived: the error names each of them with its record."""
    first, _ = provisioned(actions, ENTERPRISE, WORKSPACE)

    reply = actions.post(ACTION, BY_RECORD)

    assert (reply.status, reply.body["errorCode"]) == (409, "SUBSCRIPTIONS_LIVE")
    assert f"subscription {first} (plan-enterprise, ACTIVE, record {LINE})" in reply.body["errorMessage"]
    assert "when its contract is archived" in reply.body["errorMessage"]
    assert [one["field"] for one in reply.body["details"]] == ["cancelSubscriptions"] * 2
    assert (state(actions), sent(actions)) == ("ACTIVE", 0)


def test_subscriptions_end(actions: Harness) -> None:
    """With cancelSubscriptions, mappings, lists and history follow; other subscriptions of the customer go on."""
    ids = provisioned(actions, ENTERPRISE, WORKSPACE)
    other = sold_in_the_app(actions, planId="plan-workspace", resourceId="hall")

    body = actions.ok(ACTION, WITH_ALL)

    assert sorted(body["canceledSubscriptionIds"]) == sorted(ids)
    assert [in_stigg(actions, one)["status"] for one in (*ids, other)] == ["CANCELED", "CANCELED", "ACTIVE"]
    assert [current(actions, line) for line in (LINE, OTHER_LINE)] == ids
    assert [mapped_status(actions, line) for line in (LINE, OTHER_LINE)] == ["CANCELED"] * 2
    assert [actions.history(line) for line in (LINE, OTHER_LINE)] == [["created", "canceled"]] * 2
    assert (actions.live("cust-acme"), actions.live("cust-acme", "desk")) == ([], [])


def test_a_contract_of_the_app(actions: Harness) -> None:
    """A contract that was created in the Stigg app is archived by its id, for the customer that Stigg shows."""
    actions.stigg_app("POST", "/api/v1/contracts", IN_THE_APP)

    assert actions.ok(ACTION, {"contractId": "c-app"})["customerId"] == "cust-acme"


def test_a_contract_without_a_customer(actions: Harness) -> None:
    """A contract whose customer Stigg does not show cannot be archived here, and the error names the way out."""
    actions.stigg_app("POST", "/api/v1/contracts", IN_THE_APP)
    shown = {"contractId": "c-app", "externalId": "c-app", "state": "DRAFT", "subscriptions": []}
    actions.emulator.fault("GET", "/contracts/", "status", {"status": 200, "body": {"data": shown}})

    reply = actions.post(ACTION, {"contractId": "c-app"})

    assert (reply.status, reply.body["errorCode"]) == (422, "REFUSED_BY_STIGG")
    assert "Archive it in the Stigg app" in reply.body["errorMessage"]


def test_unchanged(actions: Harness) -> None:
    """A contract that is archived already is unchanged."""
    provisioned(actions)
    actions.stigg_app("POST", f"/api/v1/contracts/{CONTRACT_ID}/archive", {})

    assert (actions.ok(ACTION, BY_RECORD)["outcome"], state(actions)) == ("unchanged", "CANCELED")


def test_a_repeat(actions: Harness) -> None:
    """A repeat gets the stored answer, also while Stigg is down and under the caller's key."""
    provisioned(actions)
    keyed = BY_RECORD | {"idempotencyKey": "ends"}
    first = actions.ok(ACTION, BY_RECORD | {"correlationId": "c"})
    actions.ok(ACTION, keyed)

    assert actions.ok(ACTION, BY_RECORD | {"correlationId": "c"})["replayed"] is (first["outcome"] == "unchanged")
    assert actions.ok(ACTION, keyed)["replayed"]
    actions.emulator.fault("GET", "/contracts/", "status", {"status": 503, "body": {}})
    assert actions.ok(ACTION, BY_RECORD)["replayed"]


def test_an_older_request(actions: Harness) -> None:
    """A request from an older state than the contract's last change is superseded."""
    provisioned(actions)

    body = actions.ok(ACTION, BY_RECORD | {"asOf": ago(60)})

    assert (body["outcome"], body["state"], sent(actions)) == ("superseded", "DRAFT", 0)


def test_an_older_provisioning(actions: Harness) -> None:
    """A provisioning from an older state does not follow a contract that was archived since."""
    provisioned(actions)
    actions.ok(ACTION, BY_RECORD)

    body = actions.ok("provision-contract", contract(name="Old", asOf=ago(60)))

    assert (body["outcome"], body["state"]) == ("superseded", "CANCELED")


@pytest.mark.parametrize("after", [False, True])
def test_a_crash(actions: Harness, *, after: bool) -> None:
    """A run that dies at its write leaves a contract that the next one archives, or finds archived, once."""
    ids = provisioned(actions, ENTERPRISE)
    crashes.crash(actions, ACTION, WITH_ALL, POST_ARCHIVE, after=after)
    actions.clock.skip(12)

    body = actions.ok(ACTION, WITH_ALL)

    assert (body["outcome"], body["canceledSubscriptionIds"]) == ("archived", ids)
    assert (mapped_status(actions), sent(actions)) == ("CANCELED", 1)


def test_faster_in_the_app(actions: Harness) -> None:
    """A contract that somebody archives while the action runs is unchanged."""
    provisioned(actions)
    in_the_app = partial(actions.emulator.by_hand, "POST", f"/api/v1/contracts/{CONTRACT_ID}/archive", {})

    reply = actions.post(ACTION, BY_RECORD, crashes.container_that_first(actions, POST_ARCHIVE, in_the_app))

    assert (reply.status, reply.body["outcome"]) == (200, "unchanged")


def test_refused_by_stigg(actions: Harness) -> None:
    """A refusal of Stigg reaches the caller, and the contract stays as it is."""
    provisioned(actions)
    actions.emulator.fault("POST", "/archive$", "status", {"status": 400, "body": {"code": "X", "message": "No."}})

    reply = actions.post(ACTION, BY_RECORD)

    assert (reply.status, reply.body["errorCode"], state(actions)) == (422, "REFUSED_BY_STIGG", "DRAFT")


def test_deleted_meanwhile(actions: Harness) -> None:
    """A contract that Stigg no longer has when a lost run is looked for is reported as unknown to Stigg."""
    provisioned(actions)
    crashes.crash(actions, ACTION, BY_RECORD, POST_ARCHIVE, after=False)
    actions.emulator.reset()
    actions.clock.skip(200)

    assert actions.post(ACTION, BY_RECORD).body["errorCode"] == "CONTRACT_NOT_FOUND"


@pytest.mark.parametrize(
    ("request_body", "status", "code"),
    [
        ({}, 400, "INVALID_REQUEST"),
        (BY_RECORD | {"contractId": CONTRACT_ID}, 400, "INVALID_REQUEST"),
        ({"contractId": "c-none"}, 404, "CONTRACT_NOT_FOUND"),
        (BY_RECORD, 404, "CONTRACT_NOT_FOUND"),
    ],
)
def test_bad_requests(actions: Harness, request_body: dict[str, Any], status: int, code: str) -> None:
    """A request names one contract that exists."""
    reply = actions.post(ACTION, request_body)

    assert (reply.status, reply.body["errorCode"]) == (status, code)
