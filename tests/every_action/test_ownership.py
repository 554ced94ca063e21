"""A record and an account belong to one customer, and a record never forgets a live subscription."""

from typing import Any

import pytest

from tests.support.contracts import contract
from tests.support.harness import Harness, Reply
from tests.support.promotions import promotion, revocation
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_LINE,
    RENEWAL_LINE,
    TO_BE_PAID,
    grant,
    in_stigg,
    sold,
    subscription,
)

PROVISION = "create-subscription-with-return-data"
OTHERS = {"customerId": "cust-other", "customerName": "Other"}
WORKSPACE = {"planId": "plan-workspace", "resourceId": "site-1"}


def refused(reply: Reply, code: str, *names: str) -> None:
    """Check a refusal that names what it is about."""
    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (409, code, False)
    assert [name for name in names if name not in reply.body["errorMessage"]] == []


def live(actions: Harness) -> list[tuple[str, str]]:
    """Return customer and plan of what runs in Stigg."""
    found = actions.emulator.state()["subscriptions"]
    return sorted((one["customerId"], one["planId"]) for one in found if one["status"] in {"ACTIVE", "NOT_STARTED"})


@pytest.mark.parametrize("changes", [{}, {"planId": "plan-starter"}, {"startDate": "2099-01-01"}, WORKSPACE])
def test_a_record_of_another_customer(actions: Harness, changes: dict[str, Any]) -> None:
    """A subscription for a record whose own runs for another customer is refused before anything is created."""
    own = sold(actions)

    reply = actions.post(PROVISION, subscription(**OTHERS, **changes))

    refused(reply, "CUSTOMER_MISMATCH", "cust-acme", "cust-other", LINE, own)
    assert live(actions) == [("cust-acme", "plan-growth")]
    assert [one["id"] for one in actions.emulator.state()["customers"]] == ["cust-acme"]
    assert (mapping := actions.mapping(LINE))
    assert (mapping.customer_id, mapping.current and mapping.current.subscription_id) == ("cust-acme", own)


def test_a_record_whose_subscription_is_scheduled_for_another_customer(actions: Harness) -> None:
    """One that has yet to start holds its record as well."""
    own = sold(actions, startDate="2099-01-01")

    refused(actions.post(PROVISION, subscription(**OTHERS)), "CUSTOMER_MISMATCH", "cust-acme", own)


def test_a_record_that_awaits_payment_of_another_customer(actions: Harness) -> None:
    """A payment page holds its record for a day; after that it cannot be paid any more."""
    page = actions.ok(PROVISION, subscription(customerName="Acme", **TO_BE_PAID))["subscriptionId"]
    held = actions.post(PROVISION, subscription(**OTHERS))
    actions.clock.skip(86_401)
    actions.emulator.advance(86_401)

    body = actions.ok(PROVISION, subscription(**OTHERS))

    refused(held, "CUSTOMER_MISMATCH", "cust-acme", page)
    assert (body["outcome"], body["customerId"]) == ("created", "cust-other")


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_record_that_is_free(actions: Harness, *, by_hand: bool) -> None:
    """Once its subscription has ended, by an action or in the Stigg app, a record can be another customer's."""
    own = sold(actions)
    if by_hand:
        actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{own}/cancel", {"cancellationTime": "IMMEDIATE"})
    else:
        actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    body = actions.ok(PROVISION, subscription(**OTHERS))

    assert (mapping := actions.mapping(LINE))
    assert (mapping.customer_id, mapping.current and mapping.current.subscription_id) == (
        "cust-other",
        body["subscriptionId"],
    )


def test_a_subscription_that_was_delegated(actions: Harness) -> None:
    """A record's subscription that belongs to the other customer in Stigg by now is in nobody's way."""
    own = sold(actions)
    actions.ok("create-customer", {"customerId": "cust-other", "name": "Other"})
    delegated = {"id": own, "customerId": "cust-other", "planId": "plan-growth", "status": "ACTIVE"}
    answer = {"status": 200, "body": {"data": delegated}}
    actions.emulator.fault("GET", f"/subscriptions/{own}$", "status", answer)

    assert actions.post(PROVISION, subscription(**OTHERS)).status == 200


def test_an_account_of_another_customer(actions: Harness) -> None:
    """Each write for one customer in the name of an account that is linked to another is refused."""
    sold(actions, salesforceAccountId=ACCOUNT)
    actions.ok("create-customer", {"customerId": "cust-other", "name": "Other"})
    named = {"customerId": "cust-other", "salesforceAccountId": ACCOUNT}

    for action, request in [
        ("create-customer", {**named, "name": "Other"}),
        (PROVISION, subscription(**named, salesforceRecordId=OTHER_LINE)),
        ("create-credit-grant", grant(**named, salesforceRecordId=OTHER_LINE)),
        ("grant-promotional-entitlement", promotion(**named)),
        ("revoke-promotional-entitlement", revocation(**named)),
        ("archive-customer", named),
        ("provision-contract", contract(**named)),
        ("void-credit-grant", {**named, "grantId": "cred-grant-1"}),
    ]:
        refused(actions.post(action, request), "CUSTOMER_MISMATCH", ACCOUNT, "cust-acme", "cust-other")
    assert live(actions) == [("cust-acme", "plan-growth")]
    assert actions.emulator.state()["grants"] == []


def test_a_second_subscription_of_another_product(actions: Harness) -> None:
    """A subscription that Stigg would run beside the record's own is refused, and names that one."""
    own = sold(actions)

    reply = actions.post(PROVISION, subscription(**WORKSPACE))

    refused(reply, "RECORD_IN_USE", LINE, own, "plan-growth")
    assert live(actions) == [("cust-acme", "plan-growth")]


def test_a_second_subscription_on_another_resource(actions: Harness) -> None:
    """The same plan on another resource runs beside the record's own, too; once that has ended it is taken."""
    own = sold(actions, **WORKSPACE)
    request = subscription(**WORKSPACE | {"resourceId": "site-2"})
    reply = actions.post(PROVISION, request)
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{own}/cancel", {"cancellationTime": "IMMEDIATE"})

    refused(reply, "RECORD_IN_USE", own, "site-1")
    assert actions.ok(PROVISION, request)["outcome"] == "created"


def test_a_renewal_for_a_record_of_another_customer(actions: Harness) -> None:
    """A subscription does not move to a record whose own is another customer's."""
    sold(actions)
    taken = sold(actions, customerId="cust-other", salesforceRecordId=OTHER_LINE)
    request = {"salesforceRecordId": LINE, "newSalesforceRecordId": OTHER_LINE}

    refused(actions.post("renew-subscription", request), "CUSTOMER_MISMATCH", "cust-other", "cust-acme", taken)


def test_a_renewal_for_a_record_with_a_payment_page(actions: Harness) -> None:
    """A subscription does not move to a record that has one to be paid, once that is there in Stigg."""
    sold(actions)
    request = subscription(**WORKSPACE, **TO_BE_PAID, salesforceRecordId=OTHER_LINE)
    page = actions.ok(PROVISION, request)["subscriptionId"]
    actions.emulator.checkout(page)

    reply = actions.post("renew-subscription", {"salesforceRecordId": LINE, "newSalesforceRecordId": OTHER_LINE})

    refused(reply, "RECORD_IN_USE", page)


@pytest.mark.parametrize("planned", ["2099-02-01", "2098-02-01", None])
def test_a_start_that_moves(actions: Harness, planned: str | None) -> None:
    """When a start moves, later, earlier or to now, one subscription is left, and the other is canceled ahead."""
    january = sold(actions, startDate="2099-01-01")

    body = actions.ok(PROVISION, subscription(startDate=planned))

    runs = [one["id"] for one in actions.emulator.state()["subscriptions"] if one["status"] != "CANCELED"]
    assert (mapping := actions.mapping(LINE))
    assert runs == [body["subscriptionId"]] == [one.subscription_id for one in mapping.mapped]
    assert actions.live("cust-acme") == runs
    assert in_stigg(actions, january)["status"] == "CANCELED"
    assert "calledOff" in actions.history(LINE)


def test_a_start_that_moves_and_cannot_be_called_off(actions: Harness) -> None:
    """When the old one cannot be canceled, the outcome is unknown, and the repeat ends it."""
    january = sold(actions, startDate="2099-01-01")
    actions.emulator.fault("POST", "/cancel$", "status", 503)
    request = subscription(startDate="2099-02-01")

    first = actions.post(PROVISION, request)
    actions.emulator.clear_faults()
    second = actions.ok(PROVISION, request)

    assert (first.body["errorCode"], first.body["retryable"]) == ("OUTCOME_UNKNOWN", True)
    assert in_stigg(actions, january)["status"] == "CANCELED"
    assert actions.live("cust-acme") == [second["subscriptionId"]]


def test_a_start_that_moves_from_one_that_is_gone(actions: Harness) -> None:
    """What Stigg no longer knows cannot start, and is in nobody's way."""
    sold(actions, startDate="2099-01-01")
    gone = {"status": 404, "body": {"message": "Subscription not found", "code": "SubscriptionNotFound"}}
    actions.emulator.fault("POST", "/cancel$", "status", gone)

    body = actions.ok(PROVISION, subscription(startDate="2099-02-01"))

    assert (mapping := actions.mapping(LINE))
    assert [one.subscription_id for one in mapping.mapped] == [body["subscriptionId"]]


def test_a_start_that_moves_twice(actions: Harness) -> None:
    """What was called off already is not in the way of the next change."""
    sold(actions, startDate="2099-01-01")
    actions.ok(PROVISION, subscription(startDate="2099-02-01"))
    last = actions.ok(PROVISION, subscription(startDate="2099-03-01"))["subscriptionId"]

    runs = [one["id"] for one in actions.emulator.state()["subscriptions"] if one["status"] != "CANCELED"]
    assert runs == [last]


def test_a_record_renewed_elsewhere_says_where(actions: Harness) -> None:
    """A write on a record whose subscription moved names the record that has it now."""
    sold(actions)
    actions.ok("renew-subscription", {"salesforceRecordId": LINE, "newSalesforceRecordId": RENEWAL_LINE})

    reply = actions.post("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    assert f"it moved to record {RENEWAL_LINE}" in reply.body["errorMessage"]
