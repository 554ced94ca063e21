"""An older wish never undoes a newer one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.contracts import CONTRACT, contract
from tests.support.harness import Harness
from tests.support.requests import ACCOUNT, LINE, RENEWAL_LINE, TO_BE_PAID, grant, in_stigg, sold, subscription

PROVISION = "create-subscription-with-return-data"
BY_RECORD = {"salesforceRecordId": LINE}


def ago(seconds: float) -> str:
    """Return a moment of the past."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def seats(number: int) -> dict[str, Any]:
    """Return so many seats."""
    return {"addons": [{"id": "addon-seats", "quantity": number}]}


OLDER: list[tuple[str, dict[str, Any]]] = [
    (PROVISION, subscription(planId="plan-starter")),
    ("create-subscription", subscription(planId="plan-starter")),
    ("update-subscription", BY_RECORD | seats(3)),
    ("cancel-subscription", BY_RECORD | {"cancelWhen": "now"}),
    ("reschedule-cancellation", BY_RECORD | {"cancellationDate": "2099-01-01"}),
    ("cancel-scheduled-update", BY_RECORD),
    ("mark-invoice-paid", BY_RECORD),
    ("set-subscription-metadata", BY_RECORD | {"metadata": {"tier": "gold"}}),
    ("migrate-subscription", BY_RECORD | {"migrateWhen": "now"}),
    ("transfer-subscription", BY_RECORD | {"destinationResourceId": "site-2"}),
    ("delegate-subscription", BY_RECORD | {"destinationCustomerId": "cust-globex"}),
    ("downgrade-subscription", BY_RECORD),
    ("renew-subscription", BY_RECORD | {"planId": "plan-starter"}),
    (
        "import-subscription",
        BY_RECORD | {"customerId": "cust-acme", "planId": "plan-starter", "startDate": "2020-01-01"},
    ),
    ("renew-subscription", BY_RECORD | {"planId": "plan-starter", "dryRun": True}),
]


@pytest.mark.parametrize(("action", "request_body"), OLDER)
def test_an_older_wish(actions: Harness, action: str, request_body: dict[str, Any]) -> None:
    """A request that was made from an older state than what the record took since changes nothing, and says so."""
    subscription_id = sold(actions, asOf=ago(100))
    newer = actions.ok("update-subscription", BY_RECORD | seats(50) | {"asOf": ago(10)})
    before, writes = in_stigg(actions, subscription_id), len(actions.writes_to_stigg())

    body = actions.ok(action, request_body | {"asOf": ago(60)})

    assert newer["outcome"] == "updated"
    assert (body["outcome"], body["supersededBy"].partition("-")[0]) == ("superseded", "update")
    assert body["supersededAt"] > ago(30)
    assert in_stigg(actions, subscription_id) == before
    assert len(actions.writes_to_stigg()) == writes
    if "subscriptionId" in body:
        assert (body["subscriptionId"], body["active"]) == (subscription_id, True)


@pytest.mark.parametrize("as_of", [10.0, 5.0, None])
def test_a_wish_that_is_as_new(actions: Harness, as_of: float | None) -> None:
    """A request of the same moment, a later one, or of none, is carried out."""
    moment = ago(10)
    sold(actions, asOf=ago(100))
    actions.ok("update-subscription", BY_RECORD | seats(50) | {"asOf": moment})
    stated = {None: None, 10.0: moment, 5.0: ago(5)}[as_of]

    body = actions.ok("update-subscription", BY_RECORD | seats(3) | {"asOf": stated})

    assert body["outcome"] == "updated"


def test_what_says_nothing_is_as_new_as_its_call(actions: Harness) -> None:
    """A request without asOf counts as made from the state of the moment in which it came."""
    sold(actions)
    actions.ok("update-subscription", BY_RECORD | seats(50))

    assert actions.ok(PROVISION, subscription(asOf=ago(1)))["outcome"] == "superseded"


def test_a_repeat_of_the_newest_is_no_older_wish(actions: Harness) -> None:
    """The same request again, from the same state, gets its answer again."""
    request = subscription(customerName="Acme", asOf=ago(60), correlationId="flow-1")
    first = actions.ok(PROVISION, request)

    assert actions.ok(PROVISION, request) == first | {"replayed": True}


def test_an_older_wish_that_was_carried_out_before(actions: Harness) -> None:
    """A request that is re-fired late, after something newer, is no repeat any more."""
    request = subscription(customerName="Acme", **seats(3), asOf=ago(60))
    subscription_id = actions.ok(PROVISION, request)["subscriptionId"]
    actions.ok("update-subscription", BY_RECORD | seats(50))

    body = actions.ok(PROVISION, request)

    assert (body["outcome"], body["subscriptionId"], body["addons"][0]["quantity"]) == (
        "superseded", subscription_id, 50)  # fmt: skip


def test_a_subscription_by_resource(actions: Harness) -> None:
    """Without a record, what counts is the customer's last provisioning on the resource."""
    no_record = {"salesforceRecordId": None}
    newest = sold(actions, **no_record, asOf=ago(10))

    body = actions.ok(PROVISION, subscription(**no_record, planId="plan-starter", asOf=ago(60)))

    assert (body["outcome"], body["subscriptionId"], body["planId"]) == ("superseded", newest, "plan-growth")


def test_a_record_whose_subscription_is_to_be_paid(actions: Harness) -> None:
    """Where the newer wish awaits payment, the answer shows its payment page."""
    page = actions.ok(PROVISION, subscription(customerName="Acme", **TO_BE_PAID, asOf=ago(10)))

    body = actions.ok(PROVISION, subscription(planId="plan-starter", asOf=ago(60)))

    assert (body["outcome"], body["active"], body["checkoutUrl"]) == ("superseded", False, page["checkoutUrl"])


def test_a_customer(actions: Harness) -> None:
    """A customer keeps what it was given from a newer state."""
    named = {"customerId": "cust-acme", "salesforceAccountId": ACCOUNT}
    actions.ok("create-customer", named | {"name": "New", "asOf": ago(10)})

    body = actions.ok("create-customer", named | {"name": "Old", "asOf": ago(60)})

    (customer,) = actions.emulator.state()["customers"]
    assert (body["outcome"], body["customerId"], customer["name"]) == ("superseded", "cust-acme", "New")


def test_the_customer_of_a_subscription(actions: Harness) -> None:
    """A sale from an older state leaves name and e-mail of its customer as they are, and sells all the same."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "New", "asOf": ago(10)})

    body = actions.ok(PROVISION, subscription(customerName="Old", customerEmail="old@example.com", asOf=ago(60)))

    (customer,) = actions.emulator.state()["customers"]
    assert (body["outcome"], customer["name"], customer["email"]) == ("created", "New", None)


def test_a_grant(actions: Harness) -> None:
    """A grant that was made from a newer state is not voided."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "A"})
    granted = actions.ok("create-credit-grant", grant(asOf=ago(10)))

    body = actions.ok("void-credit-grant", BY_RECORD | {"asOf": ago(60)})

    assert (body["outcome"], body["grantId"], body["status"]) == ("superseded", granted["grantId"], "ACTIVE")


def test_a_contract(actions: Harness) -> None:
    """A contract that was archived from a newer state is not changed."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "A", "asOf": ago(100)})
    actions.ok("provision-contract", contract(asOf=ago(80)))
    actions.ok("archive-contract", {"salesforceRecordId": CONTRACT, "asOf": ago(10)})

    body = actions.ok("provision-contract", contract(name="Old", asOf=ago(60)))

    assert (body["outcome"], body["state"]) == ("superseded", "CANCELED")


def test_an_archived_customer(actions: Harness) -> None:
    """A customer that was archived from a newer state is not restored."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "A", "asOf": ago(100)})
    actions.ok("archive-customer", {"customerId": "cust-acme", "asOf": ago(10)})

    body = actions.ok("archive-customer", {"customerId": "cust-acme", "restore": True, "asOf": ago(60)})

    assert (body["outcome"], body["archived"], "archivedAt" in body) == ("superseded", True, True)


def test_a_moment_of_the_future(actions: Harness) -> None:
    """An asOf that has yet to come would shut out all that follows, and is refused."""
    reply = actions.post(PROVISION, subscription(asOf=ago(-3600)))

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "asOf")
    assert actions.post(PROVISION, subscription(customerName="Acme", asOf=ago(-60))).status == 200


def test_a_day_alone(actions: Harness) -> None:
    """A day does not say which of two changes of that day came first."""
    reply = actions.post(PROVISION, subscription(asOf="2026-01-31"))

    assert "date-time" in reply.body["details"][0]["problem"]


def test_a_replay_of_what_something_newer_followed(actions: Harness) -> None:
    """An operator's replay undoes nothing newer, unless by force."""
    subscription_id = sold(actions)
    refused = actions.post("update-subscription", BY_RECORD | {"addons": [{"id": "addon-none", "quantity": 1}]})
    (operation,) = actions.invoke("list-operations", {"status": "failed"})["operations"]
    actions.ok("set-subscription-metadata", BY_RECORD | {"metadata": {"tier": "gold"}})
    replay = {"operationKey": operation["operationKey"]}

    left = actions.invoke("replay-operation", replay)
    with pytest.raises(Exception, match="addon-none"):
        actions.invoke("replay-operation", replay | {"force": True})

    assert refused.status == 404
    assert (left["outcome"], "metadata-" in left["answerText"]) == ("superseded", True)
    assert in_stigg(actions, subscription_id)["addons"] == []


def test_a_replay_of_the_latest(actions: Harness) -> None:
    """A failed operation that nothing followed is run again."""
    sold(actions)
    refusal = {"status": 400, "body": {"message": "not now", "code": "InvalidArgumentError"}}
    actions.emulator.fault("PATCH", "/subscriptions/", "status", refusal, times=1)
    actions.post("update-subscription", BY_RECORD | seats(3))
    (operation,) = actions.invoke("list-operations", {"status": "failed"})["operations"]

    body = actions.invoke("replay-operation", {"operationKey": operation["operationKey"]})

    assert body["outcome"] == "replayed"


def test_a_renewal_that_moved_on(actions: Harness) -> None:
    """An older wish for a record whose subscription moved is superseded, and shows where it is now."""
    moved = sold(actions)
    actions.ok("renew-subscription", BY_RECORD | {"newSalesforceRecordId": RENEWAL_LINE, "asOf": ago(10)})

    body = actions.ok(PROVISION, subscription(asOf=ago(60)))

    assert (body["outcome"], body["subscriptionId"]) == ("superseded", moved)


def test_a_change_in_the_app(actions: Harness) -> None:
    """What somebody did in the Stigg app counts as newer than a request that was made before it."""
    subscription_id = sold(actions, asOf=ago(100))
    path = f"/api/v1/subscriptions/{subscription_id}/cancel"
    actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})
    actions.invoke("reconcile", {})

    late = [
        actions.ok(PROVISION, subscription(asOf=ago(100))),
        actions.ok("renew-subscription", BY_RECORD | {"planId": "plan-starter", "asOf": ago(100)}),
    ]
    newer = actions.ok(PROVISION, subscription(asOf=ago(0)))

    assert [(one["outcome"], one["status"], one["supersededBy"]) for one in late] == [
        ("superseded", "CANCELED", "changedOutside")
    ] * 2
    assert newer["outcome"] == "created"
