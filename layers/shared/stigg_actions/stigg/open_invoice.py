"""Recognising that a payment due blocks a new subscription, for which Stigg publishes no error code."""

import re

from stigg_actions.decimal_json import plain_number
from stigg_actions.errors import ActionError, OpenInvoice, Refused
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.error_codes import INPUT, may_mean_open_invoice, normalise
from stigg_actions.stigg.schemas import Subscription

_SPEAKS_OF_INVOICES = re.compile(r"invoice|unpaid", re.IGNORECASE)
_SPEAKS_OF_PAYMENTS = re.compile(r"invoice|unpaid|payment(?!\W*(method|collection))", re.IGNORECASE)


def explain(refusal: ActionError, stigg: Stigg, *, customer_id: str, resource_id: str | None) -> ActionError:
    """Return ``OPEN_INVOICE`` with the invoice if that is what a refused provisioning comes from, else the refusal.

    The customer's live subscriptions are read to find the invoice. Invoice or words are enough where Stigg's code says
    nothing; where the code says that the request is wrong, it takes both. If the read fails, the refusal stands.
    Without an open invoice, a change that awaits payment explains a refusal that speaks of one: ``PENDING_PAYMENT``.
    """
    if not may_mean_open_invoice(refusal.stigg.code):
        return refusal
    try:
        live = [one for one in stigg.live_subscriptions(customer_id) if one.resource_id == resource_id]
    except ActionError:
        return refusal
    said = f"{refusal.stigg.code} {refusal.stigg.message}"
    owing = next((one for one in live if one.owes), None)
    waiting = next((one for one in live if one.awaits_payment), None)
    if owing is None and waiting is not None and _SPEAKS_OF_PAYMENTS.search(said):
        return _pending_payment(refusal, waiting)
    evidence = (owing is not None, _SPEAKS_OF_INVOICES.search(said) is not None)
    proven = all(evidence) if normalise(refusal.stigg.code or "") in INPUT else any(evidence)
    return _open_invoice(refusal, owing, customer_id) if proven else refusal


def _pending_payment(refusal: ActionError, waiting: Subscription) -> Refused:
    return Refused(
        "PENDING_PAYMENT",
        f"Stigg does not replace the subscription while a change of {waiting.id} awaits payment. "
        "Have it paid, or drop the pending update in Stigg, then send the same request again.",
        stigg=refusal.stigg,
    )


def _open_invoice(refusal: ActionError, owing: Subscription | None, customer_id: str) -> Refused:
    which = f"an unpaid invoice of customer {customer_id}" if owing is None else f"an unpaid invoice of {owing.id}"
    return Refused(
        "OPEN_INVOICE",
        f"Stigg does not replace the subscription while there is {which}. "
        "Have the invoice paid or voided, then send the same request again.",
        stigg=refusal.stigg,
        open_invoice=None if owing is None else invoice_of(owing),
    )


def invoice_of(subscription: Subscription) -> OpenInvoice:
    """Return what is known of a subscription's latest invoice."""
    invoice = subscription.latest_invoice
    return OpenInvoice(
        subscription_id=subscription.id,
        invoice_id=invoice.billing_id if invoice else None,
        amount_due=plain_number(invoice.amount_due) if invoice and invoice.amount_due is not None else None,
        currency=invoice.currency if invoice else None,
        pdf_url=invoice.pdf_url if invoice else None,
    )
