"""get-customer, in this process: one answer for a whole account, and what it says of parts that cannot be read."""

from threading import Barrier
from typing import Any

import httpx
import pytest

from stigg_actions.errors import Misconfigured, NotFound
from tests.resilience.mishaps import LASTING_AWS_FAULTS
from tests.support.harness import Harness
from tests.support.network import FOR_EVER, Network
from tests.support.requests import ACCOUNT, LINE, OTHER_ACCOUNT, grant, in_stigg, sold, sold_in_the_app, subscription

ACTION = "get-customer"
ACME = {"customerId": "cust-acme"}
CONTRACT = {
    "contractId": "contract-1",
    "externalId": "contract-1",
    "name": "PO 4711",
    "poNumber": "4711",
    "state": "ACTIVE",
    "activationStartDate": "2026-01-01T00:00:00.000Z",
    "activationEndDate": "2027-01-01T00:00:00.000Z",
    "subscriptions": [{"subscriptionId": "sub-1"}],
}
NOT_ALLOWED = {"status": 400, "body": {"message": "no billing", "code": "BillingIntegrationMissing"}}


def customer(actions: Harness) -> None:
    """Create the customer, linked to its account."""
    actions.ok("create-customer", {**ACME, "name": "Acme", "email": "a@acme.example", "salesforceAccountId": ACCOUNT})


def test_a_whole_account(actions: Harness) -> None:
    """Customer, subscriptions with their records, entitlements, credits, open invoices: all is in one answer."""
    customer(actions)
    subscription_id = sold(actions, paymentCollectionMethod="INVOICE")
    due = in_stigg(actions, subscription_id)["latestInvoice"]
    later = actions.ok("create-credit-grant", grant(expireAt="2099-12-31"))["grantId"]
    soon = actions.ok("create-credit-grant", grant(idempotencyKey="k", amount=50, expireAt="2099-06-30"))["grantId"]
    actions.ok("create-credit-grant", grant(idempotencyKey="l", amount=1))
    actions.emulator.use_credits(soon, 20)
    actions.emulator.use_credits(later, 5)

    body = actions.ok(ACTION, {"salesforceAccountId": ACCOUNT, "correlationId": "flow-1"})

    assert (body["outcome"], body["correlationId"], body["customerId"]) == ("found", "flow-1", "cust-acme")
    assert body["customerUrl"].endswith("/customers/cust-acme")
    assert body["customer"].pop("createdAt")
    assert body["customer"] == {"name": "Acme", "email": "a@acme.example"}
    (shown,) = body["subscriptions"]
    assert (shown["subscriptionId"], shown["salesforceRecordId"], shown["planId"]) == (
        subscription_id, LINE, "plan-growth")  # fmt: skip
    (tokens,) = body["credits"]
    assert tokens["balance"] == tokens["granted"] - tokens["used"]
    assert (tokens["used"], tokens["nextExpiringGrantId"], tokens["nextExpiringAmount"]) == (25, soon, 30)
    assert tokens["nextExpiresAt"][:10] == "2099-06-30"
    (invoice,) = body["openInvoices"]
    assert invoice.pop("dueDate")
    assert invoice == {
        "invoiceId": due["billingId"],
        "subscriptionId": subscription_id,
        "amountDue": due["amountDue"],
        "currency": "usd",
        "pdfUrl": due["pdfUrl"],
    }
    assert [blocker["code"] for blocker in body["blockers"]] == ["OPEN_INVOICE"]
    assert (body["contracts"], body["incomplete"]) == ([], [])


def test_entitlements(actions: Harness) -> None:
    """An entitlement says what is granted, used and left, and when its usage starts again."""
    customer(actions)
    limit = {"id": "feature-api-calls", "type": "FEATURE", "usageLimit": 1000, "resetPeriod": "MONTH"}
    sold(actions, planId="plan-starter", entitlements=[limit, {"id": "feature-sso", "type": "FEATURE"}])

    shown = {one["featureId"]: one for one in actions.ok(ACTION, ACME)["entitlements"]}

    calls = shown["feature-api-calls"]
    assert (calls["granted"], calls["limit"], calls["usage"], calls["remaining"]) == (True, 1000, 0, 1000)
    assert calls["resetPeriod"] == "MONTH"
    assert "remaining" not in shown["feature-sso"]


def test_reserved_credits(actions: Harness) -> None:
    """Reserved credits are part of the usage already, and those on expired grants are no part of the balance."""
    customer(actions)
    item = {
        "type": "CREDIT",
        "isGranted": True,
        "currency": {"currencyId": "cred-type-tokens", "displayName": "Tokens"},
        "usageLimit": 100,
        "currentUsage": 40,
        "reserved": 15,
        "reservedOnExpiredGrants": 7,
        "usageUpdatedAt": "2026-01-01T00:00:00.000Z",
    }
    unreadable = {**item, "currency": None}
    answer = {"status": 200, "body": {"data": {"entitlements": [item, unreadable]}}}
    actions.emulator.fault("GET", "/entitlements$", "status", answer)

    assert actions.ok(ACTION, ACME)["credits"] == [
        {"currencyId": "cred-type-tokens", "name": "Tokens", "granted": 100, "used": 40, "balance": 60}
    ]


def test_of_a_resource(actions: Harness) -> None:
    """Entitlements and credits are those of the resource that is named; subscriptions are those of all."""
    customer(actions)
    sold(actions, planId="plan-workspace", resourceId="site-1")
    actions.ok("create-credit-grant", grant(resourceId="site-1", amount=7))

    of_none, of_site = actions.ok(ACTION, ACME), actions.ok(ACTION, {**ACME, "resourceId": "site-1"})

    assert (of_none["credits"], [one["balance"] for one in of_site["credits"]]) == ([], [7])
    assert len(of_none["subscriptions"]) == len(of_site["subscriptions"]) == 1


def test_contracts(actions: Harness) -> None:
    """Contracts are shown with their subscriptions and agreed dates."""
    customer(actions)
    actions.emulator.fault("GET", "/contracts$", "status", {"status": 200, "body": {"data": [CONTRACT]}})

    assert actions.ok(ACTION, ACME)["contracts"] == [
        {
            "contractId": "contract-1",
            "name": "PO 4711",
            "poNumber": "4711",
            "state": "ACTIVE",
            "startsAt": "2026-01-01T00:00:00Z",
            "endsAt": "2027-01-01T00:00:00Z",
            "subscriptionIds": ["sub-1"],
        }
    ]


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """A subscription that no table knows has the record of its metadata, or none."""
    customer(actions)
    marks = {"salesforceRecordId": LINE, "salesforceOrgId": "00D000000000001EAA"}
    sold_in_the_app(actions, "sub-marked", metadata=marks)
    sold_in_the_app(actions, "sub-plain", planId="plan-workspace", resourceId="w")

    shown = {one["subscriptionId"]: one.get("salesforceRecordId") for one in actions.ok(ACTION, ACME)["subscriptions"]}

    assert shown == {"sub-marked": LINE, "sub-plain": None}


def test_an_invoice_that_no_list_has(actions: Harness) -> None:
    """Without a list at the billing provider, an open invoice is shown as its subscription shows it."""
    customer(actions)
    subscription_id = sold(actions, paymentCollectionMethod="INVOICE")
    actions.emulator.fault("GET", "/invoices$", "status", {"status": 200, "body": {"data": []}})

    (invoice,) = actions.ok(ACTION, ACME)["openInvoices"]

    assert (invoice["subscriptionId"], invoice["amountDue"], "dueDate" in invoice) == (subscription_id, 199, False)


def test_an_invoice_of_no_subscription(actions: Harness) -> None:
    """An open invoice of a grant is shown without a subscription."""
    customer(actions)
    cost = {"cost": {"amount": 10, "currency": "USD"}, "paymentCollectionMethod": "INVOICE", "grantType": "PAID"}
    actions.ok("create-credit-grant", grant(**cost))

    (invoice,) = actions.ok(ACTION, ACME)["openInvoices"]

    assert (invoice["amountDue"], "subscriptionId" in invoice) == (10, False)


def test_blockers(actions: Harness) -> None:
    """A change that awaits payment and an archived customer stand in the way, in the codes of the errors."""
    customer(actions)
    sold(actions, paymentCollectionMethod="CHARGE", billingInformation={"isInvoicePaid": True})
    addons = [{"id": "addon-seats", "quantity": 5}]
    actions.ok("update-subscription", {"salesforceRecordId": LINE, "addons": addons})
    pending = actions.ok(ACTION, ACME)["blockers"]
    actions.stigg_app("POST", "/api/v1/customers/cust-acme/archive", {})

    archived = actions.ok(ACTION, ACME)

    assert [blocker["code"] for blocker in pending] == ["PENDING_PAYMENT"]
    assert "cancel-scheduled-update" in pending[0]["message"]
    assert [blocker["code"] for blocker in archived["blockers"]] == ["CUSTOMER_ARCHIVED"]
    assert "archive-customer" in archived["blockers"][0]["message"]
    assert "archivedAt" in archived["customer"]


@pytest.mark.parametrize(
    ("path", "part", "field"),
    [
        ("/customers/cust-acme$", "customer", "customer"),
        ("/subscriptions$", "subscriptions", "subscriptions"),
        ("/entitlements$", "entitlements", "entitlements"),
        ("/invoices$", "invoices", "openInvoices"),
        ("/contracts$", "contracts", "contracts"),
    ],
)
def test_a_part_that_cannot_be_read(actions: Harness, path: str, part: str, field: str) -> None:
    """A part that Stigg refuses is left out and listed with the reason; the rest is there."""
    customer(actions)
    sold(actions)
    actions.emulator.fault("GET", path, "status", NOT_ALLOWED)

    body = actions.ok(ACTION, ACME)

    assert (body["outcome"], field in body) == ("incomplete", False)
    assert body["incomplete"] == [
        {"part": part, "errorCode": "REFUSED_BY_STIGG", "message": "Stigg refused the request: no billing."}
    ]
    assert {"customer", "subscriptions", "entitlements", "credits", "openInvoices", "contracts"} - body.keys() <= {
        field,
        "credits",
    }


def test_an_invoice_that_cannot_be_read(actions: Harness) -> None:
    """An invoice in a form that cannot be read leaves the open invoices out, because the list would seem whole."""
    customer(actions)
    answer = {"status": 200, "body": {"data": [{"invoiceId": None}], "pagination": {"next": None}}}
    actions.emulator.fault("GET", "/invoices$", "status", answer)

    body = actions.ok(ACTION, ACME)

    assert ("openInvoices" in body, [missing["part"] for missing in body["incomplete"]]) == (False, ["invoices"])


def test_grants_that_cannot_be_read(actions: Harness) -> None:
    """Without the grants, a balance is shown without what expires next."""
    customer(actions)
    actions.ok("create-credit-grant", grant(expireAt="2099-12-31"))
    actions.emulator.fault("GET", "/grants$", "status", NOT_ALLOWED)

    body = actions.ok(ACTION, ACME)

    assert [missing["part"] for missing in body["incomplete"]] == ["creditGrants"]
    assert (body["credits"][0]["balance"], "nextExpiresAt" in body["credits"][0]) == (100, False)


def test_records_that_cannot_be_read(actions: Harness) -> None:
    """Without the tables, subscriptions have the records of their metadata, and the answer says so."""
    customer(actions)
    sold(actions)
    throttled = Network(LASTING_AWS_FAULTS["throttled"], 0, FOR_EVER).client(actions.tables.plain, "DynamoDB")

    body = actions.post(ACTION, ACME, actions.container(dynamodb=throttled)).body

    assert [missing["part"] for missing in body["incomplete"]] == ["records"]
    assert [one["salesforceRecordId"] for one in body["subscriptions"]] == [LINE]


def test_nothing_can_be_read(actions: Harness) -> None:
    """If no part can be read, that is the error of the call."""
    customer(actions)
    actions.emulator.set_key(actions.emulator.key, "expired")

    with pytest.raises(Misconfigured, match="STIGG_KEY_REJECTED"):
        actions.invoke(ACTION, ACME)


def test_unknown(actions: Harness) -> None:
    """A customer that Stigg does not know, and an account without one, are not found."""
    with pytest.raises(NotFound, match="CUSTOMER_NOT_FOUND"):
        actions.invoke(ACTION, {"customerId": "cust-none"})
    with pytest.raises(NotFound, match="No customer is linked"):
        actions.invoke(ACTION, {"salesforceAccountId": OTHER_ACCOUNT})


@pytest.mark.parametrize("body", [{}, {**ACME, "salesforceAccountId": ACCOUNT}])
def test_malformed(actions: Harness, body: dict[str, Any]) -> None:
    """A request names its customer in exactly one way."""
    reply = actions.post(ACTION, body)

    assert (reply.status, [detail["field"] for detail in reply.body["details"]]) == (400, ["customerId"])


class Together(httpx.BaseTransport):
    """Answers no read before all of them have come."""

    def __init__(self, inner: httpx.BaseTransport, number: int) -> None:
        self._inner = inner
        self._barrier = Barrier(number, timeout=20)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the others, and pass the request on."""
        self._barrier.wait()
        return self._inner.handle_request(request)


def test_side_by_side(actions: Harness) -> None:
    """The reads run side by side: none of the six needs the answer of another."""
    customer(actions)
    sold(actions)
    container = actions.container(actions.wire(Together(actions.to_stigg, 6)))

    assert actions.post(ACTION, ACME, container).body["outcome"] == "found"


def test_it_changes_nothing(actions: Harness) -> None:
    """Nothing is written in Stigg or in the tables."""
    customer(actions)
    actions.ok("create-subscription", subscription())
    before = actions.emulator.state()["subscriptions"], actions.operations(), len(actions.writes_to_stigg())

    actions.ok(ACTION, ACME)

    assert (actions.emulator.state()["subscriptions"], actions.operations(), len(actions.writes_to_stigg())) == before
