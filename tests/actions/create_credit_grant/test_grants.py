"""create-credit-grant, in this process."""

import pytest

from tests.support.harness import Harness
from tests.support.requests import ACCOUNT, OTHER_ACCOUNT, OTHER_LINE, grant

ACTION = "create-credit-grant"


@pytest.fixture(autouse=True)
def _customer(actions: Harness) -> None:
    """The customer of all requests, linked to its account."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})


def grants(actions: Harness) -> list[dict[str, object]]:
    """The grants that Stigg has."""
    return list(actions.emulator.state()["grants"])


def test_grants_promotional_credits(actions: Harness) -> None:
    """A promotional grant is usable at once, and traceable to its record."""
    body = actions.ok(ACTION, grant(priority=10.0, comment="Thank you"))

    (granted,) = grants(actions)

    assert (body["outcome"], body["status"], body["active"], body["amount"]) == ("created", "ACTIVE", True, 100)
    assert (granted["id"], granted["priority"]) == (body["grantId"], 10)
    assert granted["metadata"]["salesforceRecordId"] == grant()["salesforceRecordId"]  # type: ignore[index]


def test_a_paid_grant_waits_for_its_invoice(actions: Harness) -> None:
    """A grant to be invoiced is not usable before it is paid; its repeat gives the same grant, never a second."""
    cost = {"amount": "49.90", "currency": "USD"}
    request = grant(grantType="PAID", cost=cost, paymentCollectionMethod="INVOICE", salesforceAccountId=ACCOUNT)

    body = actions.ok(ACTION, request)
    unpaid = actions.ok(ACTION, request)
    actions.emulator.pay_grant(body["grantId"])
    paid = actions.ok(ACTION, request)

    assert (body["outcome"], body["status"], body["active"]) == ("paymentRequired", "PAYMENT_PENDING", False)
    assert (unpaid["grantId"], unpaid["paymentUrl"]) == (body["grantId"], body["paymentUrl"])
    assert (paid["grantId"], paid["outcome"], paid["active"]) == (body["grantId"], "created", True)
    assert "paymentUrl" not in paid
    assert len(grants(actions)) == 1


def test_a_grant_that_is_gone_before_it_was_paid_is_not_made_again(actions: Harness) -> None:
    """A grant that awaited payment and that Stigg no longer lists is answered as it was, and not granted anew."""
    cost = {"amount": 49, "currency": "EUR"}
    request = grant(grantType="PAID", cost=cost, paymentCollectionMethod="INVOICE")
    body = actions.ok(ACTION, request)
    none = {"status": 200, "body": {"data": [], "pagination": {"next": None, "prev": None}}}
    actions.emulator.fault("GET", "/credits/grants$", "status", none, times=1)

    again = actions.ok(ACTION, request)

    assert again["grantId"] == body["grantId"]
    assert len(grants(actions)) == 1


def test_a_future_grant_is_scheduled(actions: Harness) -> None:
    """A grant that becomes usable later is answered as scheduled, with its dates."""
    body = actions.ok(ACTION, grant(effectiveAt="2098-01-01", expireAt="2098-12-31"))

    assert (body["outcome"], body["active"]) == ("scheduled", False)
    assert (body["effectiveAt"], body["expireAt"]) == ("2098-01-01T00:00:00Z", "2098-12-31T23:59:59Z")


def test_the_same_grant_never_happens_twice(actions: Harness) -> None:
    """The same request for the same record is the same grant even after months and other grants in between."""
    first = actions.ok(ACTION, grant())
    actions.ok(ACTION, grant(amount=5, idempotencyKey="five more"))
    actions.clock.skip(200 * 24 * 3600)

    again = actions.ok(ACTION, grant(customerId="cust-acme"))

    expiring = {item["kind"]["S"] for item in actions.tables.items(actions.tables.operations) if "expires_at" in item}

    assert (again["grantId"], again["replayed"]) == (first["grantId"], True)
    assert len(grants(actions)) == 2
    assert expiring == {"customer"}


def test_another_record_is_another_grant(actions: Harness) -> None:
    """Equal credits for another record are another grant."""
    actions.ok(ACTION, grant())
    actions.ok(ACTION, grant(salesforceRecordId=OTHER_LINE))

    assert len(grants(actions)) == 2


def test_the_account_names_the_customer(actions: Harness) -> None:
    """A linked account is enough to name the customer; an unlinked one is not found."""
    linked = actions.ok(ACTION, grant(customerId=None, salesforceAccountId=ACCOUNT))
    asked = len(actions.emulator.state()["calls"])
    unlinked = actions.post(ACTION, grant(customerId=None, salesforceAccountId=OTHER_ACCOUNT))

    assert linked["customerId"] == "cust-acme"
    assert (unlinked.status, unlinked.body["errorCode"]) == (404, "CUSTOMER_NOT_FOUND")
    assert OTHER_ACCOUNT in unlinked.body["errorMessage"]
    assert "stiggErrorCode" not in unlinked.body  # Stigg was not asked: the account's id is no customer's
    assert len(actions.emulator.state()["calls"]) == asked


def test_an_unknown_currency_is_named(actions: Harness) -> None:
    """A credit currency that Stigg does not know is answered with its own code."""
    reply = actions.post(ACTION, grant(currencyId="cred-type-gold"))

    assert (reply.status, reply.body["errorCode"]) == (404, "CREDIT_CURRENCY_NOT_FOUND")


def test_a_lost_answer_is_found_again(actions: Harness) -> None:
    """When all answers to the POST are lost, the grant is found by its mark, among those of its resource."""
    actions.emulator.fault("POST", "/credits/grants$", "cutAfter")

    body = actions.ok(ACTION, grant())

    assert body["outcome"] == "created"
    assert [one["id"] for one in grants(actions)] == [body["grantId"]]


def test_a_lost_request_is_not_found_and_stays_unknown(actions: Harness) -> None:
    """When the requests themselves are lost, the outcome is unknown; once Stigg answers, the repeat grants once."""
    actions.emulator.fault("POST", "/credits/grants$", "cutBefore")

    unknown = actions.post(ACTION, grant())
    actions.emulator.clear_faults()
    body = actions.ok(ACTION, grant())

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (body["outcome"], body["replayed"]) == ("created", False)
    assert len(grants(actions)) == 1
