"""Mark the latest open invoice of a subscription as paid, so that a renewal that it blocks can go on.

A dry run shows the invoice and its amount, and changes nothing.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.mark_invoice_paid import InvoiceMarkedPaid, MarkInvoicePaid
from stigg_actions.writes.mark_invoice_paid import MarkInvoicePaidWrite


def mark_invoice_paid(request: MarkInvoicePaid, deps: Deps) -> InvoiceMarkedPaid:
    """Mark the invoice, or show it."""
    write = MarkInvoicePaidWrite(request, deps)
    return write.rehearsed() if request.dry_run else perform(write)


handler = entrypoint(mark_invoice_paid)
