"""A stored answer is given again only while it is still true."""

from typing import Any

import pytest

from stigg_actions.errors import InProgress
from tests.support.contexts import Context
from tests.support.crashes import crash
from tests.support.harness import ORG, Harness
from tests.support.promotions import promotion, revocation
from tests.support.requests import LINE, OTHER_LINE, in_stigg, sold, subscription
from tests.support.webhooks import followed_webhooks

PROVISION = "create-subscription-with-return-data"
BY_RECORD = {"salesforceRecordId": LINE}
CANCEL_NOW = {"cancellationTime": "IMMEDIATE"}


def seats(number: int) -> dict[str, Any]:
    """Return so many seats."""
    return {"addons": [{"id": "addon-seats", "quantity": number}]}


def by_hand(
    actions: Harness, subscription_id: str, body: dict[str, Any], method: str = "PATCH", path: str = ""
) -> None:
    """Let somebody change a subscription in the Stigg app."""
    actions.emulator.by_hand(method, f"/api/v1/subscriptions/{subscription_id}{path}", body)


@pytest.mark.parametrize("followed", [True, False])
def test_a_subscription_that_was_canceled_in_the_app(actions: Harness, *, followed: bool) -> None:
    """The request that made it makes a new one, whether a webhook was followed or not."""
    request = subscription(customerName="Acme")
    with followed_webhooks(actions) as hooks:
        first = actions.ok(PROVISION, request)
        by_hand(actions, first["subscriptionId"], CANCEL_NOW, "POST", "/cancel")
        if followed:
            hooks.deliver(*hooks.events())

        second = actions.ok(PROVISION, request)

    assert (second["outcome"], second["replayed"], second["active"]) == ("created", False, True)
    assert in_stigg(actions, second["subscriptionId"])["status"] == "ACTIVE"


# the request, what somebody does in the app, what a subscription must show after the same request
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("update-subscription", seats(5), seats(99), seats(5)),
    ("reschedule-cancellation", {"cancellationDate": "2099-01-01T00:00:00Z"}, {"cancellationDate": None},
     {"cancellationDate": "2099-01-01T00:00:00.000Z"}),
    ("renew-subscription", seats(5), seats(99), seats(5)),
    ("cancel-subscription", {"cancelWhen": "onDate", "endDate": "2099-01-01T00:00:00Z"}, {"cancellationDate": None},
     {"cancellationDate": "2099-01-01T00:00:00.000Z"}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "request_body", "in_the_app", "expected"), CHANGES)
def test_a_change_that_was_undone_in_the_app(
    actions: Harness,
    action: str,
    request_body: dict[str, Any],
    in_the_app: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """The same request again does it once more; and again, while it stands, is only answered."""
    subscription_id = sold(actions)
    actions.ok(action, BY_RECORD | request_body)
    by_hand(actions, subscription_id, in_the_app)

    again = actions.ok(action, BY_RECORD | request_body)
    writes = len(actions.writes_to_stigg())
    once_more = actions.ok(action, BY_RECORD | request_body)

    assert (again["replayed"], once_more["replayed"]) == (False, True)
    assert len(actions.writes_to_stigg()) == writes
    assert in_stigg(actions, subscription_id).items() >= expected.items()


def test_metadata_that_was_changed_in_the_app(actions: Harness) -> None:
    """Metadata that somebody has overwritten is set again."""
    subscription_id, request = sold(actions), BY_RECORD | {"metadata": {"tier": "gold"}}
    actions.ok("set-subscription-metadata", request)
    marks = {"salesforceOrgId": ORG, "salesforceRecordId": LINE}
    by_hand(actions, subscription_id, {"metadata": {**marks, "tier": "tin"}})

    assert actions.ok("set-subscription-metadata", request)["replayed"] is False
    assert in_stigg(actions, subscription_id)["metadata"]["tier"] == "gold"


def test_a_plan_with_other_seats_in_the_app(actions: Harness) -> None:
    """A subscription that no longer has the add-ons that were answered is provisioned again."""
    request = subscription(customerName="Acme", **seats(3))
    first = actions.ok(PROVISION, request)
    by_hand(actions, first["subscriptionId"], seats(99))

    body = actions.ok(PROVISION, request)

    assert (body["outcome"], body["replayed"]) == ("replaced", False)
    assert body["addons"] == [{"id": "addon-seats", "quantity": 3}]


def test_a_customer_that_was_renamed_in_the_app(actions: Harness) -> None:
    """A customer that is not as asked any more is updated."""
    request = {"customerId": "cust-acme", "name": "Acme"}
    actions.ok("create-customer", request)
    actions.emulator.by_hand("PATCH", "/api/v1/customers/cust-acme", {"name": "Other"})

    body = actions.ok("create-customer", request)

    (customer,) = actions.emulator.state()["customers"]
    assert (body["outcome"], body["replayed"], customer["name"]) == ("updated", False, "Acme")


def test_the_callers_own_key(actions: Harness) -> None:
    """Under a key of the caller's own nothing is done twice; the answer shows what has become of it."""
    request = subscription(customerName="Acme", idempotencyKey="order-1")
    first = actions.ok(PROVISION, request)
    by_hand(actions, first["subscriptionId"], CANCEL_NOW, "POST", "/cancel")

    body = actions.ok(PROVISION, request)

    assert (body["subscriptionId"], body["outcome"], body["replayed"]) == (first["subscriptionId"], "created", True)
    assert (body["status"], body["active"]) == ("CANCELED", False)
    assert len(actions.emulator.state()["subscriptions"]) == 1


def test_the_callers_own_key_of_a_customer(actions: Harness) -> None:
    """So it is with a customer."""
    request = {"customerId": "cust-acme", "name": "Acme", "idempotencyKey": "account-1"}
    actions.ok("create-customer", request)
    actions.emulator.by_hand("PATCH", "/api/v1/customers/cust-acme", {"name": "Other"})

    assert actions.ok("create-customer", request)["replayed"] is True


def test_a_subscription_that_stigg_lost(actions: Harness) -> None:
    """Under the caller's own key, what Stigg no longer shows is answered as it was."""
    request = subscription(customerName="Acme", idempotencyKey="order-1", correlationId="flow-1")
    first = actions.ok(PROVISION, request)
    gone = {"status": 404, "body": {"message": "not found", "code": "SubscriptionNotFound"}}
    actions.emulator.fault("GET", "/subscriptions/", "status", gone)

    assert actions.ok(PROVISION, request) == first | {"replayed": True}


def test_what_has_started_since(actions: Harness) -> None:
    """An answer shows the subscription as it is by now."""
    request = subscription(customerName="Acme", startDate="2099-01-01", idempotencyKey="order-1")
    actions.ok(PROVISION, request)
    actions.emulator.set_clock("2099-01-02T00:00:00Z")

    body = actions.ok(PROVISION, request)

    assert (body["outcome"], body["status"], body["active"]) == ("scheduled", "ACTIVE", True)


@pytest.mark.parametrize("no_record", [True, False])
def test_stigg_cannot_be_asked(actions: Harness, *, no_record: bool) -> None:
    """While Stigg is down, what the tables show as it was answered is answered again."""
    request = subscription(
        customerName="Acme", correlationId="flow-1", **({"salesforceRecordId": None} if no_record else {})
    )
    first = actions.ok(PROVISION, request)
    actions.emulator.fault("GET", ".*", "status", 503)

    assert actions.ok(PROVISION, request) == first | {"replayed": True}


def test_a_customer_while_stigg_cannot_be_asked(actions: Harness) -> None:
    """So it is with a customer."""
    request = {"customerId": "cust-acme", "name": "Acme"}
    actions.ok("create-customer", request)
    actions.emulator.fault("GET", ".*", "status", 503)

    assert actions.ok("create-customer", request)["replayed"] is True


@pytest.mark.parametrize("no_record", [True, False])
def test_stigg_cannot_be_asked_about_what_has_ended(actions: Harness, *, no_record: bool) -> None:
    """While Stigg is down, an answer that the tables contradict is not given again."""
    request = subscription(customerName="Acme", **({"salesforceRecordId": None} if no_record else {}))
    with followed_webhooks(actions) as hooks:
        first = actions.ok(PROVISION, request)
        by_hand(actions, first["subscriptionId"], CANCEL_NOW, "POST", "/cancel")
        hooks.deliver(*hooks.events())
    actions.emulator.fault("GET", ".*", "status", 503)

    reply = actions.post(PROVISION, request)

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (503, "STIGG_UNAVAILABLE", True)


def test_a_cancellation_stays_true(actions: Harness) -> None:
    """What has ended has ended: the same cancel is answered again."""
    sold(actions)
    request = BY_RECORD | {"cancelWhen": "now"}
    actions.ok("cancel-subscription", request)

    body = actions.ok("cancel-subscription", request)

    assert (body["outcome"], body["status"], body["replayed"]) == ("canceled", "CANCELED", True)


# requests of a record that a later subscription of that record makes new ones
OF_A_RECORD = [
    ("cancel-subscription", {"cancelWhen": "now"}, {"status": "CANCELED"}),
    ("update-subscription", seats(5), seats(5)),
    ("set-subscription-metadata", {"metadata": {"tier": "gold"}}, {}),
    ("reschedule-cancellation", {"cancellationDate": "2099-01-01"}, {"cancellationDate": "2099-01-01T23:59:59.000Z"}),
    ("renew-subscription", seats(5), seats(5)),
]


@pytest.mark.parametrize(
    ("action", "request_body", "expected"), OF_A_RECORD, ids=[action for action, *_ in OF_A_RECORD]
)
def test_a_later_write_of_unknown_outcome(
    actions: Harness, action: str, request_body: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A later write whose process died is settled first: the same request then counts for what that write has made."""
    sold(actions)
    actions.ok(action, BY_RECORD | request_body)
    crash(actions, PROVISION, subscription(planId="plan-starter"), "POST .*/subscriptions$", after=True)
    actions.clock.skip(40)

    again = actions.ok(action, BY_RECORD | request_body)

    made = actions.emulator.state()["subscriptions"][-1]
    assert (again["replayed"], again["subscriptionId"], made["planId"]) == (False, made["id"], "plan-starter")
    assert {name: made[name] for name in expected} == expected


def test_a_later_write_that_still_runs(actions: Harness) -> None:
    """While the later write may still run, the repeat waits for it, and then says that it may be tried again."""
    sold(actions)
    actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})
    crash(actions, PROVISION, subscription(planId="plan-starter"), "POST .*/subscriptions$", after=True)
    with pytest.raises(InProgress, match="IN_PROGRESS"):
        actions.invoke("cancel-subscription", BY_RECORD | {"cancelWhen": "now"}, Context(10))


def test_a_later_write_does_not_touch_a_key(actions: Harness) -> None:
    """What a caller's own key stands for is answered at once, whatever is unsettled."""
    sold(actions)
    request = BY_RECORD | {"cancelWhen": "now", "idempotencyKey": "k"}
    actions.ok("cancel-subscription", request)
    crash(actions, PROVISION, subscription(planId="plan-starter"), "POST .*/subscriptions$", after=True)

    assert actions.ok("cancel-subscription", request)["replayed"] is True


LINE_OF_ANOTHER_RECORD = subscription(planId="plan-starter", salesforceRecordId="02iXX0000000002", resourceId="site-2")
NO_MATTER = [
    (PROVISION, subscription(), LINE_OF_ANOTHER_RECORD),
    ("cancel-subscription", BY_RECORD | {"cancelWhen": "now"}, LINE_OF_ANOTHER_RECORD),
    ("create-customer", {"salesforceAccountId": "001000000000001AAA", "name": "Acme"}, LINE_OF_ANOTHER_RECORD),
]


@pytest.mark.parametrize(("action", "request_body", "later"), NO_MATTER, ids=[action for action, *_ in NO_MATTER])
def test_a_later_write_about_something_else(
    actions: Harness, action: str, request_body: dict[str, Any], later: dict[str, Any]
) -> None:
    """A later write of the customer that is about another record holds back no stored answer."""
    sold(actions)
    actions.ok(action, request_body)
    crash(actions, PROVISION, later, "POST .*/subscriptions$", after=True)

    assert actions.ok(action, request_body)["replayed"] is True


SOLD_WITH_A_CONTRACT = (
    "provision-contract",
    {
        "customerId": "cust-acme",
        "contractId": "contract-1",
        "setupBilling": False,
        "subscriptions": [
            {"salesforceRecordId": LINE, "planId": "plan-starter", "billingPeriod": "MONTHLY"}
            | {"paymentCollectionMethod": "NONE"}
        ],
    },
    "POST .*/contracts$",
)
RENEWED_FOR_IT = (
    "renew-subscription",
    {"salesforceRecordId": OTHER_LINE, "newSalesforceRecordId": LINE, "planId": "plan-starter"},
    "POST .*/subscriptions$",
)


@pytest.mark.parametrize(("action", "request_body", "at"), [SOLD_WITH_A_CONTRACT, RENEWED_FOR_IT])
def test_a_later_write_that_names_the_record_beside_others(
    actions: Harness, action: str, request_body: dict[str, Any], at: str
) -> None:
    """A later write that sells for the record, but is named by a contract or another record, is settled first, too."""
    sold(actions)
    actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})
    if action == "renew-subscription":
        sold(actions, salesforceRecordId=OTHER_LINE)
    crash(actions, action, request_body, at, after=True)
    actions.clock.skip(40)

    again = actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})

    made = actions.emulator.state()["subscriptions"][-1]
    assert (again["replayed"], again["subscriptionId"], made["status"]) == (False, made["id"], "CANCELED")


OF_THE_CUSTOMER = ("create-customer", {"customerId": "cust-acme", "name": "Acme"})
PROMOTION = ("grant-promotional-entitlement", promotion())
KINDS = [
    (OF_THE_CUSTOMER, ("archive-customer", {"customerId": "cust-acme"}), "POST .*/archive$", 409),
    (PROMOTION, ("revoke-promotional-entitlement", revocation()), "DELETE .*", 409),
    (OF_THE_CUSTOMER, PROMOTION, "POST .*/promotional-entitlements", 200),
    (PROMOTION, ("archive-customer", {"customerId": "cust-acme"}), "POST .*/archive$", 200),
]


@pytest.mark.parametrize(("earlier", "later", "at", "status"), KINDS)
def test_a_later_write_without_a_record(
    actions: Harness, earlier: tuple[str, Any], later: tuple[str, Any], at: str, status: int
) -> None:
    """Of the writes without a record, only one of such a kind holds back a stored answer."""
    actions.ok(*OF_THE_CUSTOMER)
    actions.ok(*earlier)
    crash(actions, *later, at, after=True)

    assert actions.post(*earlier).status == status


def test_a_later_write_by_the_id_of_a_subscription(actions: Harness) -> None:
    """A later write that names the subscription and no record is settled before the sale's answer is given again."""
    request = subscription(customerName="Acme", salesforceRecordId=None)
    sold_id = actions.ok(PROVISION, request)["subscriptionId"]
    cancel = {"subscriptionId": sold_id, "cancelWhen": "now"}
    crash(actions, "cancel-subscription", cancel, "POST .*/cancel", after=True)
    actions.clock.skip(40)

    again = actions.ok(PROVISION, request)

    assert (again["replayed"], again["subscriptionId"] == sold_id) == (False, False)


def test_a_later_write_that_the_ledger_lost(actions: Harness) -> None:
    """A lease whose operation is gone holds back no stored answer."""
    sold(actions)
    actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})
    crash(actions, PROVISION, subscription(planId="plan-starter"), "POST .*/subscriptions$", after=False)
    (left,) = (item for item in actions.intents() if item["status"]["S"] == "STARTED")
    key = {name: left[name] for name in ("operation_key", "intent")}
    actions.tables.client.delete_item(TableName=actions.tables.operations, Key=key)

    assert actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})["replayed"] is True
