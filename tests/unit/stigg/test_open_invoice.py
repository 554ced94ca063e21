"""Recognizing an unpaid invoice."""

from typing import Any

import pytest

from stigg_actions.errors import OpenInvoice, Refused, StiggReply
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.open_invoice import explain
from stigg_actions.stigg.request import StiggRequest
from tests.support.fakes import Answer, ScriptedStigg
from tests.support.fixtures import Connect

INVOICE = {
    "status": "OPEN",
    "billingId": "in-1",
    "amountDue": 49.50,
    "currency": "usd",
    "pdfUrl": "https://pdf.example",
}


def live(invoice: dict[str, Any] | None, resource_id: str | None = None) -> Answer:
    """List one live subscription with a latest invoice."""
    subscription = {
        "id": "sub-1",
        "customerId": "acme",
        "planId": "plan-growth",
        "status": "ACTIVE",
        "resourceId": resource_id,
        "latestInvoice": invoice,
    }
    return Answer(200, {"data": [subscription]})


def waiting(resource_id: str | None = None, status: str = "PENDING_PAYMENT") -> Answer:
    """List one live subscription of which a change waits."""
    (subscription,) = live(None, resource_id).body["data"]  # type: ignore[index]  # a list of one
    return Answer(200, {"data": [{**subscription, "futureUpdates": [{"scheduleStatus": status}]}]})


def refused(code: str | None, message: str | None) -> Refused:
    """Refuse a provisioning as Stigg does."""
    return Refused("REFUSED_BY_STIGG", "No.", stigg=StiggReply(400, code, message, "t-1"))


def provision(resource_id: str | None = None) -> StiggRequest:
    """Ask for a new subscription of the customer."""
    return StiggRequest("POST", "/api/v1/subscriptions", {"customerId": "acme", "resourceId": resource_id})


CHANGE = StiggRequest("PATCH", "/api/v1/subscriptions/sub%7C1", {"addons": []})


def shown(listed: Answer) -> Answer:
    """Answer with the one subscription of a list."""
    (subscription,) = listed.body["data"]  # type: ignore[index]  # a list of one
    return Answer(200, {"data": subscription})


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("BadUserInput", "There is an unpaid invoice"),
        ("SomethingNew", "No."),
        (None, None),
        ("OpenInvoiceExists", None),
    ],
)
def test_open_invoice(connect: Connect, code: str | None, message: str | None) -> None:
    """With an open invoice on the subscription to be replaced, a refusal without another known reason is explained."""
    stigg = Stigg(connect(ScriptedStigg(live(INVOICE))))
    error = explain(refused(code, message), provision(), stigg)

    assert (error.code, error.http_status, error.may_retry) == ("OPEN_INVOICE", 409, False)
    assert OpenInvoice("sub-1", "in-1", "49.5", "usd", "https://pdf.example") == error.open_invoice
    assert StiggReply(400, code, message, "t-1") == error.stigg
    assert "an invoice of subscription sub-1 is unpaid" in error.message


def test_bare_invoice(connect: Connect) -> None:
    """An invoice of which nothing but its being open is known is told as far as it is known."""
    stigg = Stigg(connect(ScriptedStigg(live({"status": "OPEN"}))))
    error = explain(refused(None, None), provision(), stigg)

    assert OpenInvoice("sub-1") == error.open_invoice


@pytest.mark.parametrize(("code", "message"), [(None, "Invoice is unpaid"), ("InvoiceBlocked", None)])
def test_invoice_not_found(connect: Connect, code: str | None, message: str | None) -> None:
    """A refusal that speaks of invoices, for no other known reason, is explained even if none can be found."""
    stigg = Stigg(connect(ScriptedStigg(live(None))))
    error = explain(refused(code, message), provision(), stigg)

    assert (error.code, error.open_invoice) == ("OPEN_INVOICE", None)
    assert "an invoice of customer acme is unpaid" in error.message


@pytest.mark.parametrize(
    "answer", [live(None), live({**INVOICE, "status": "PAID"}), live(INVOICE, "site-1"), Answer(200, {"data": []})]
)
def test_other_reason(connect: Connect, answer: Answer) -> None:
    """Without an open invoice on the same resource, and without a word of invoices, the refusal stands."""
    refusal = refused("BadUserInput", "Too odd.")

    assert refusal is explain(refusal, provision(), Stigg(connect(ScriptedStigg(answer))))


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("billingInformation.invoiceDaysUntilDue must be between 1 and 90", live(None)),
        ("The quantity is too odd", live(INVOICE)),
    ],
)
def test_wrong_input(connect: Connect, message: str, answer: Answer) -> None:
    """Of a request that is called wrong, neither a word of invoices nor an open invoice alone proves anything."""
    refusal = refused("BadUserInput", message)

    assert refusal is explain(refusal, provision(), Stigg(connect(ScriptedStigg(answer))))


@pytest.mark.parametrize("answer", [Answer(503), Answer(404), Answer(401)])
def test_no_explanation(connect: Connect, answer: Answer) -> None:
    """When the subscriptions cannot be read, the refusal stands as it is."""
    refusal = refused("SomethingNew", "overdue invoice")

    assert refusal is explain(refusal, provision(), Stigg(connect(ScriptedStigg(answer))))


def test_same_resource(connect: Connect) -> None:
    """The invoice is looked for on the resource that is to be provisioned."""
    stigg = Stigg(connect(ScriptedStigg(live(INVOICE, "site-1"))))
    error = explain(refused(None, None), provision("site-1"), stigg)

    assert error.code == "OPEN_INVOICE"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("BadUserInput", "There is a pending payment"),
        ("PendingPaymentExists", None),
        (None, "The last update is unpaid"),
    ],
)
def test_pending_payment(connect: Connect, code: str | None, message: str | None) -> None:
    """Without an open invoice, a change that awaits payment explains a refusal that speaks of a payment."""
    error = explain(refused(code, message), provision(), Stigg(connect(ScriptedStigg(waiting()))))

    assert (error.code, error.http_status, error.may_retry) == ("PENDING_PAYMENT", 409, False)
    assert StiggReply(400, code, message, "t-1") == error.stigg
    assert "while another change of subscription sub-1 awaits payment" in error.sentence
    assert error.remedy.startswith("Have that change paid, or drop it with cancel-scheduled-update")


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("There is a pending payment", waiting("site-1")),
        ("There is a pending payment", waiting(status="SCHEDULED")),
        ("The quantity is too odd", waiting()),
        ("paymentCollectionMethod must be one of CHARGE", waiting()),
    ],
)
def test_no_pending_payment(connect: Connect, message: str, answer: Answer) -> None:
    """It takes both: a change of the same resource that awaits payment, and a word of payments."""
    refusal = refused("BadUserInput", message)

    assert refusal is explain(refusal, provision(), Stigg(connect(ScriptedStigg(answer))))


@pytest.mark.parametrize(
    ("message", "answer", "code"),
    [
        ("The last invoice is unpaid", live(INVOICE), "OPEN_INVOICE"),
        ("An update awaits payment", waiting(), "PENDING_PAYMENT"),
    ],
)
def test_change(connect: Connect, message: str, answer: Answer, code: str) -> None:
    """The refusal of a change is explained by the subscription itself."""
    stigg = ScriptedStigg(shown(answer))
    error = explain(refused("SomethingNew", message), CHANGE, Stigg(connect(stigg)))

    assert (error.code, stigg.calls) == (code, ["GET /api/v1/subscriptions/sub%7C1"])


@pytest.mark.parametrize(
    ("message", "answer", "calls"),
    [("Too odd.", live(INVOICE), 0), ("There is an unpaid invoice", live(None), 1)],
)
def test_change_for_another_reason(connect: Connect, message: str, answer: Answer, calls: int) -> None:
    """A change takes both, a word of payments and an open invoice; without the word nothing is read."""
    stigg, refusal = ScriptedStigg(shown(answer)), refused(None, message)

    assert refusal is explain(refusal, CHANGE, Stigg(connect(stigg)))
    assert len(stigg.calls) == calls
