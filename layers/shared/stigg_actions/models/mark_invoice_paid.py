"""The request and the answer of mark-invoice-paid."""

from decimal import Decimal
from typing import Literal

from stigg_actions.models.subscription_data import SubscriptionAnswer
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.values import Flag, StiggId


class MarkInvoicePaid(SubscriptionRequest):
    """The request of mark-invoice-paid."""

    invoice_id: StiggId | None = None
    """Invoice that is meant, as in openInvoice of an error. If another one is the latest, the request is refused. Left
    out: the latest invoice of the subscription."""
    dry_run: Flag = False
    """True: show the invoice that would be marked, and its amount; change nothing."""


class InvoiceMarkedPaid(SubscriptionAnswer):
    """The answer of mark-invoice-paid."""

    outcome: Literal["paid", "unchanged", "dryRun", "superseded"]
    """paid (the invoice was marked as paid), unchanged (no invoice was open), dryRun (nothing was changed; the request
    would mark this invoice) or superseded (skipped, because a change newer than asOf was made)."""
    invoice_id: str | None = None
    """Id of the latest invoice at the billing provider."""
    invoice_status: str | None = None
    """Status of the invoice: OPEN, PAID or CANCELED."""
    amount_due: Decimal | None = None
    """Amount that was marked as paid, or with dryRun would be, in whole currency units."""
    currency: str | None = None
    """Currency of the amount."""
    pdf_url: str | None = None
    """Address of the invoice as PDF."""
