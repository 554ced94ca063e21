"""Recognising that an unpaid invoice blocks a new subscription, for which Stigg publishes no error code."""

import re

from stigg_actions.decimal_json import plain_number
from stigg_actions.errors import ActionError, OpenInvoice, Refused
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.codes import INPUT, may_mean_open_invoice, normalise
from stigg_actions.stigg.wire import Subscription

_SPEAKS_OF_INVOICES = re.compile(r"invoice|unpaid", re.IGNORECASE)


def explain(refusal: ActionError, stigg: Stigg, *, customer_id: str, resource_id: str | None) -> ActionError:
    """Return ``OPEN_INVOICE`` with the invoice if that is what a refused provisioning comes from, else the refusal.

    The customer's live subscriptions are read to find the invoice. Invoice or words are enough where Stigg's code says
    nothing; where the code says that the request is wrong, it takes both. If the read fails, the refusal stands.
    """
    if not may_mean_open_invoice(refusal.stigg.code):
        return refusal
    try:
        owing = _owing(stigg, customer_id, resource_id)
    except ActionError:
        return refusal
    speaks_of_invoices = _SPEAKS_OF_INVOICES.search(f"{refusal.stigg.code} {refusal.stigg.message}") is not None
    evidence = (owing is not None, speaks_of_invoices)
    proven = all(evidence) if normalise(refusal.stigg.code or "") in INPUT else any(evidence)
    return _open_invoice(refusal, owing, customer_id) if proven else refusal


def _owing(stigg: Stigg, customer_id: str, resource_id: str | None) -> Subscription | None:
    """Find the live subscription of a resource whose latest invoice is open."""
    return next(
        (
            subscription
            for subscription in stigg.live_subscriptions(customer_id)
            if subscription.resource_id == resource_id
            and subscription.latest_invoice is not None
            and subscription.latest_invoice.is_open
        ),
        None,
    )


def _open_invoice(refusal: ActionError, owing: Subscription | None, customer_id: str) -> Refused:
    which = f"an unpaid invoice of customer {customer_id}" if owing is None else f"an unpaid invoice of {owing.id}"
    return Refused(
        "OPEN_INVOICE",
        f"Stigg does not replace the subscription while there is {which}. "
        "Have the invoice paid or voided, then send the same request again.",
        stigg=refusal.stigg,
        open_invoice=None if owing is None else _invoice(owing),
    )


def _invoice(owing: Subscription) -> OpenInvoice:
    invoice = owing.latest_invoice
    return OpenInvoice(
        subscription_id=owing.id,
        invoice_id=invoice.billing_id if invoice else None,
        amount_due=plain_number(invoice.amount_due) if invoice and invoice.amount_due is not None else None,
        currency=invoice.currency if invoice else None,
        pdf_url=invoice.pdf_url if invoice else None,
    )
