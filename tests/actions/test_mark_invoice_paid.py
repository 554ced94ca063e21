"""mark-invoice-paid, in this process: the invoice that is open now is marked once, and no later one by mistake."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stigg_actions.errors import NotFound, Refused
from tests.support import crashes
from tests.support.harness import Harness
from tests.support.network import FOR_EVER, Death, Network
from tests.support.requests import LINE, OTHER_LINE, RENEWAL_LINE, in_stigg, sold, sold_in_the_app, subscription

ACTION, PROVISION = "mark-invoice-paid", "create-subscription-with-return-data"
BY_RECORD = {"salesforceRecordId": LINE}
BY_INVOICE = {"paymentCollectionMethod": "INVOICE"}
RENEWAL = subscription(salesforceRecordId=RENEWAL_LINE, planId="plan-starter", **BY_INVOICE)
POST_PAID = "POST .*/invoice/paid$"
PAID_IN_STIGG = "/invoice/paid$"


def invoice(actions: Harness, subscription_id: str) -> dict[str, Any]:
    """Return the latest invoice of a subscription in Stigg."""
    return dict(in_stigg(actions, subscription_id)["latestInvoice"])


def marks(actions: Harness) -> int:
    """Count the invoices that were marked as paid."""
    return sum(path.endswith("/invoice/paid") for _, path in actions.writes_to_stigg())


def now(actions: Harness) -> str:
    """Return the moment of the actions, as Salesforce writes it."""
    return datetime.fromtimestamp(actions.clock.now(), UTC).isoformat()


def test_an_open_invoice(actions: Harness) -> None:
    """The open invoice of a record's subscription is marked as paid; the answer names it and its amount."""
    subscription_id = sold(actions, **BY_INVOICE)
    due = invoice(actions, subscription_id)

    body = actions.ok(ACTION, BY_RECORD | {"correlationId": "flow-1"})

    assert body.pop("startDate")
    assert body == {
        "success": True,
        "outcome": "paid",
        "correlationId": "flow-1",
        "replayed": False,
        "customerId": "cust-acme",
        "subscriptionId": subscription_id,
        "status": "ACTIVE",
        "active": True,
        "planId": "plan-growth",
        "addons": [],
        "invoiceId": due["billingId"],
        "invoiceStatus": "PAID",
        "amountDue": due["amountDue"],
        "currency": "usd",
        "pdfUrl": due["pdfUrl"],
    }
    assert invoice(actions, subscription_id)["status"] == "PAID"
    assert actions.history(LINE) == ["created", "invoicePaid"]


def test_a_blocked_renewal(actions: Harness) -> None:
    """An overdue invoice blocks a renewal, whose error names this action; once it is marked, the renewal goes on."""
    subscription_id = sold(actions, **BY_INVOICE)
    actions.emulator.invoice(subscription_id, "OPEN")
    blocked = actions.post(PROVISION, RENEWAL)
    due = blocked.body["openInvoice"]
    named = {"subscriptionId": due["subscriptionId"], "invoiceId": due["invoiceId"]}

    body = actions.ok(ACTION, named)
    renewed = actions.ok(PROVISION, RENEWAL)

    assert (blocked.status, blocked.body["errorCode"]) == (409, "OPEN_INVOICE")
    assert "mark it as paid with mark-invoice-paid" in blocked.body["errorMessage"]
    assert (body["outcome"], body["invoiceId"], renewed["outcome"]) == ("paid", due["invoiceId"], "replaced")


def test_a_dry_run(actions: Harness) -> None:
    """A dry run shows invoice and amount and changes nothing; without an open invoice it says so."""
    subscription_id = sold(actions, **BY_INVOICE)
    operations = actions.operations()

    body = actions.ok(ACTION, BY_RECORD | {"dryRun": True})
    actions.emulator.invoice(subscription_id, "PAID")
    paid = actions.ok(ACTION, BY_RECORD | {"dryRun": True})

    assert (body["outcome"], body["amountDue"], body["invoiceStatus"]) == ("dryRun", 199, "OPEN")
    assert (paid["outcome"], paid["invoiceStatus"]) == ("unchanged", "PAID")
    assert (marks(actions), actions.operations()) == (0, operations)


def test_an_older_dry_run(actions: Harness) -> None:
    """A dry run that is older than what its subscription took since is superseded, as the request would be."""
    sold(actions, **BY_INVOICE)

    assert actions.ok(ACTION, BY_RECORD | {"dryRun": True, "asOf": "2020-01-01T00:00:00Z"})["outcome"] == "superseded"


@pytest.mark.parametrize("changes", [{}, BY_INVOICE], ids=["none", "paid"])
def test_no_open_invoice(actions: Harness, changes: dict[str, Any]) -> None:
    """Without an open invoice nothing is sent, and nothing changes."""
    subscription_id = sold(actions, **changes)
    if changes:
        actions.emulator.invoice(subscription_id, "PAID")

    body = actions.ok(ACTION, BY_RECORD)

    assert (body["outcome"], "amountDue" in body, marks(actions)) == ("unchanged", False, 0)
    assert actions.history(LINE) == ["created"]


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """A subscription that no table knows is named by its id."""
    subscription_id = sold_in_the_app(actions, **BY_INVOICE)

    assert actions.ok(ACTION, {"subscriptionId": subscription_id})["outcome"] == "paid"


@pytest.mark.parametrize("changes", [{}, BY_INVOICE], ids=["none", "open"])
def test_another_invoice(actions: Harness, changes: dict[str, Any]) -> None:
    """An invoice that is not the latest is refused with the one that is, and nothing is marked."""
    sold(actions, **changes)

    reply = actions.post(ACTION, BY_RECORD | {"invoiceId": "in-old"})

    assert (reply.status, reply.body["errorCode"], marks(actions)) == (409, "INVOICE_NOT_LATEST", 0)
    assert "not in-old. Correct invoiceId" in reply.body["errorMessage"]
    assert ("(OPEN) over 199 usd" in reply.body["errorMessage"]) == bool(changes)


def test_a_repeat(actions: Harness) -> None:
    """A repeat gets the stored answer, and the invoice is marked once."""
    sold(actions, **BY_INVOICE)
    first = actions.ok(ACTION, BY_RECORD | {"correlationId": "flow-1"})

    assert actions.ok(ACTION, BY_RECORD | {"correlationId": "flow-1"}) == first | {"replayed": True}
    assert marks(actions) == 1


@pytest.mark.parametrize("stated", [False, True])
def test_a_late_repeat_marks_no_newer_invoice(actions: Harness, *, stated: bool) -> None:
    """A request that comes again after the renewal that it unblocked leaves the renewal's invoice open."""
    subscription_id = sold(actions, **BY_INVOICE)
    request = {"subscriptionId": subscription_id, **({"asOf": now(actions)} if stated else {})}
    first = actions.ok(ACTION, request)
    actions.ok("update-subscription", {"subscriptionId": subscription_id, "metadata": {"a": "b"}})
    actions.emulator.invoice(subscription_id, "NEW")
    actions.clock.skip(90 * 24 * 3600 if stated else 3600)

    body = actions.ok(ACTION, request)

    assert (body["replayed"], body["invoiceId"], marks(actions)) == (True, first["invoiceId"], 1)
    assert invoice(actions, subscription_id)["status"] == "OPEN"


@pytest.mark.parametrize("stated", [False, True])
def test_the_next_invoice(actions: Harness, *, stated: bool) -> None:
    """A day later, or from newer data, the same request is about the invoice that is open then."""
    subscription_id = sold(actions, **BY_INVOICE)
    first = actions.ok(ACTION, BY_RECORD | ({"asOf": now(actions)} if stated else {}))
    actions.emulator.invoice(subscription_id, "NEW")
    actions.clock.skip(60 if stated else 25 * 3600)

    body = actions.ok(ACTION, BY_RECORD | ({"asOf": now(actions)} if stated else {}))

    assert (body["outcome"], body["replayed"], marks(actions)) == ("paid", False, 2)
    assert body["invoiceId"] != first["invoiceId"]


def test_under_its_own_key(actions: Harness) -> None:
    """A key of the caller marks one invoice, however late it comes again."""
    subscription_id = sold(actions, **BY_INVOICE)
    request = BY_RECORD | {"idempotencyKey": "line-7"}
    first = actions.ok(ACTION, request)
    actions.emulator.invoice(subscription_id, "NEW")
    actions.clock.skip(90 * 24 * 3600)

    body = actions.ok(ACTION, request)

    assert (body["replayed"], body["invoiceId"], marks(actions)) == (True, first["invoiceId"], 1)


def test_an_invoice_that_is_named(actions: Harness) -> None:
    """A request that names its invoice is a repeat for good, whichever invoices come after it."""
    subscription_id = sold(actions, **BY_INVOICE)
    request = BY_RECORD | {"invoiceId": invoice(actions, subscription_id)["billingId"]}
    actions.ok(ACTION, request)
    actions.emulator.invoice(subscription_id, "NEW")
    actions.clock.skip(90 * 24 * 3600)

    assert actions.ok(ACTION, request)["replayed"]
    assert marks(actions) == 1


def test_an_invoice_that_is_open_again(actions: Harness) -> None:
    """The same request marks an invoice that was not open before, or is open again: its answer is no longer true."""
    subscription_id = sold(actions, **BY_INVOICE)
    actions.emulator.invoice(subscription_id, "PAID")
    first = actions.ok(ACTION, BY_RECORD)
    actions.emulator.invoice(subscription_id, "OPEN")
    second = actions.ok(ACTION, BY_RECORD)
    actions.emulator.invoice(subscription_id, "OPEN")

    third = actions.ok(ACTION, BY_RECORD)

    assert [body["outcome"] for body in (first, second, third)] == ["unchanged", "paid", "paid"]


@pytest.mark.parametrize("after", [False, True])
def test_killed(actions: Harness, *, after: bool) -> None:
    """Killed before or after the mark, the repeat says which invoice was marked, once."""
    subscription_id = sold(actions, **BY_INVOICE)
    crashes.crash(actions, ACTION, BY_RECORD, POST_PAID, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, BY_RECORD)

    assert (body["outcome"], body["amountDue"], marks(actions)) == ("paid", 199, 1)
    assert invoice(actions, subscription_id)["status"] == "PAID"


def test_killed_before_a_newer_invoice(actions: Harness) -> None:
    """The repeat of a run that died marks no invoice that was issued since: it is refused once that run is over."""
    subscription_id = sold(actions, **BY_INVOICE)
    crashes.crash(actions, ACTION, BY_RECORD, POST_PAID, after=False)
    actions.emulator.invoice(subscription_id, "NEW")
    actions.clock.skip(11)
    unknown = actions.post(ACTION, BY_RECORD)
    actions.clock.skip(100)

    reply = actions.post(ACTION, BY_RECORD)

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (reply.status, reply.body["errorCode"], marks(actions)) == (409, "INVOICE_NOT_LATEST", 0)
    assert invoice(actions, subscription_id)["status"] == "OPEN"


@pytest.mark.parametrize("open_before", [False, True])
def test_reconciled(actions: Harness, *, open_before: bool) -> None:
    """The reconciliation settles a run that died: by the invoice that it noted, or by its having noted none."""
    subscription_id = sold(actions, **(BY_INVOICE if open_before else {}))
    if open_before:
        crashes.crash(actions, ACTION, BY_RECORD, POST_PAID, after=True)
    else:
        dies = Network(Death(after=False), 3, FOR_EVER).client(actions.tables.plain, "DynamoDB")
        with pytest.raises(crashes.CrashError):
            actions.post(ACTION, BY_RECORD, actions.container(dynamodb=dies))
    actions.clock.skip(100)

    actions.invoke("reconcile", {})

    assert ("pay", "SUCCEEDED") in actions.operations()
    assert in_stigg(actions, subscription_id)["status"] == "ACTIVE"


def test_a_subscription_that_is_gone(actions: Harness) -> None:
    """A run that died over a subscription that Stigg no longer knows is settled as failed."""
    sold(actions, **BY_INVOICE)
    crashes.crash(actions, ACTION, BY_RECORD, POST_PAID, after=False)
    actions.emulator.reset()
    actions.clock.skip(100)

    actions.invoke("reconcile", {})

    assert ("pay", "FAILED") in actions.operations()


def test_paid_in_between(actions: Harness) -> None:
    """An invoice that the customer pays between look and mark is unchanged."""
    subscription_id = sold(actions, **BY_INVOICE)
    container = crashes.container_that_first(
        actions, POST_PAID, lambda: actions.emulator.invoice(subscription_id, "PAID")
    )

    body = actions.post(ACTION, BY_RECORD, container).body

    assert (body["outcome"], body["invoiceStatus"], marks(actions)) == ("unchanged", "PAID", 0)


def test_stigg_refuses(actions: Harness) -> None:
    """A refusal of Stigg is passed on."""
    sold(actions, **BY_INVOICE)
    refusal = {"status": 400, "body": {"message": "no billing", "code": "BillingIntegrationMissing"}}
    actions.emulator.fault("POST", PAID_IN_STIGG, "status", refusal)

    with pytest.raises(Refused, match=r"REFUSED_BY_STIGG: .*no billing"):
        actions.invoke(ACTION, BY_RECORD)


def test_stigg_does_not_do_it(actions: Harness) -> None:
    """What Stigg claims to have marked and still shows as open has an unknown outcome; the repeat marks it."""
    subscription_id = sold(actions, **BY_INVOICE)
    done = {"status": 200, "body": {"data": {"id": subscription_id}}}
    actions.emulator.fault("POST", PAID_IN_STIGG, "status", done, times=1)

    reply = actions.post(ACTION, BY_RECORD)

    assert (reply.status, reply.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert actions.ok(ACTION, BY_RECORD)["outcome"] == "paid"


def test_a_newer_invoice_before_the_mark(actions: Harness) -> None:
    """Stigg marks whichever invoice is the latest: one that is issued between look and mark is named in the answer."""
    subscription_id = sold(actions, **BY_INVOICE)
    container = crashes.container_that_first(
        actions, POST_PAID, lambda: actions.emulator.invoice(subscription_id, "NEW")
    )

    body = actions.post(ACTION, BY_RECORD, container).body

    assert (body["outcome"], body["invoiceId"]) == ("paid", invoice(actions, subscription_id)["billingId"])
    assert "amountDue" not in body


def test_a_newer_invoice_after_the_mark(actions: Harness) -> None:
    """An invoice that is issued between the mark and the look at it stays open, and is not the one of the answer."""
    subscription_id = sold(actions, **BY_INVOICE)
    due = invoice(actions, subscription_id)
    container = crashes.container_that_first(
        actions, "GET .*", lambda: actions.emulator.invoice(subscription_id, "NEW"), after=[POST_PAID]
    )
    body = actions.post(ACTION, BY_RECORD, container).body

    assert (body["outcome"], body["invoiceId"], body["amountDue"]) == ("paid", due["billingId"], 199)
    assert "invoiceStatus" not in body


def test_unknown(actions: Harness) -> None:
    """A record without a subscription, and a subscription that Stigg does not know, are not found."""
    with pytest.raises(NotFound, match="MAPPING_NOT_FOUND"):
        actions.invoke(ACTION, {"salesforceRecordId": OTHER_LINE})
    with pytest.raises(NotFound, match="SUBSCRIPTION_NOT_FOUND"):
        actions.invoke(ACTION, {"subscriptionId": "sub-none"})
