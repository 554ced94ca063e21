"""The write behind mark-invoice-paid."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.decimal_json import plain_number
from stigg_actions.errors import OutcomeUnknown, Refused
from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.start import current_snapshot
from stigg_actions.exactly_once.write import Effect, NextStep
from stigg_actions.models.mark_invoice_paid import InvoiceMarkedPaid, MarkInvoicePaid
from stigg_actions.stigg.error_codes import NO_OPEN_INVOICE, normalise
from stigg_actions.storage.operation import REPLAY_SECONDS
from stigg_actions.subscriptions.response_fields import drop_none, present_data, subscription_data
from stigg_actions.writes._mapping_changed import changed_mappings
from stigg_actions.writes._subscription_base import OfSubscription, subscription_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.stigg.schemas import LatestInvoice, Subscription
    from stigg_actions.storage.mapping import Changes, RecordState
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot


class MarkInvoicePaidWrite(OfSubscription[MarkInvoicePaid, InvoiceMarkedPaid]):
    """Mark the latest open invoice of a subscription as paid.

    Stigg marks whichever invoice is the latest. So the first run notes the invoice, and no later one marks another.
    """

    kind = "pay"
    result = InvoiceMarkedPaid
    never_expires = True
    _seen: Subscription | None = None
    """The subscription as it was before the first run."""

    def rehearsed(self) -> InvoiceMarkedPaid:
        """Return what the request would do. Raises what it would raise before it sends anything."""
        snapshot = current_snapshot(self)
        newer = freshness.newer(self.request, self.latest(snapshot))
        if newer is not None:
            return self.superseded(snapshot, newer)
        noted = self.to_note(snapshot)
        current = self._seen or self.deps.stigg.get_subscription(str(snapshot.target.subscription_id))
        return _answer(current, noted, "dryRun" if noted else "unchanged")

    def to_note(self, snapshot: Snapshot) -> Mapping[str, Any]:
        """Read the invoice that is to be marked; nothing if none is open."""
        self._seen = self.deps.stigg.get_subscription(str(snapshot.target.subscription_id))
        invoice = self._seen.latest_invoice
        if self.request.invoice_id is not None and (invoice is None or invoice.billing_id != self.request.invoice_id):
            raise _not_latest(self.request.invoice_id, self._seen)
        if invoice is None or not invoice.is_open:
            return {}
        shown = {"invoiceId": invoice.billing_id, "amountDue": invoice.amount_due, "currency": invoice.currency}
        return {"invoice": drop_none(shown)}

    def send(self, run: Run) -> Effect[InvoiceMarkedPaid]:
        """Mark the invoice that was noted, and read it back."""
        named, noted = subscription_id(run), run.operation.noted or {}
        if not noted:
            return Effect(_answer(self._seen or self.deps.stigg.get_subscription(named), noted, "unchanged"))
        outcome = "paid"
        try:
            self.deps.stigg.mark_invoice_paid(named, idempotency_key=run.operation.effect_id)
        except Refused as refusal:
            if normalise(refusal.stigg.code or "") not in NO_OPEN_INVOICE:
                raise
            outcome = "unchanged"
        after = self.deps.stigg.read_back(named)
        if after.owes and _is_noted(after.latest_invoice, noted):
            raise OutcomeUnknown("OUTCOME_UNKNOWN", f"Stigg does not show yet that invoice {_id(noted)} is paid.")
        return Effect(_answer(after, noted, outcome))

    def find_effect(self, run: Run) -> Effect[InvoiceMarkedPaid] | None:
        """Return the effect if the invoice that was noted is no longer open.

        Raises:
            Refused: another invoice is the latest now, so that Stigg no longer shows the one that was noted.
        """
        noted, current = run.operation.noted or {}, self.deps.stigg.find_subscription(subscription_id(run))
        if current is None:
            return None
        if not noted:
            return Effect(_answer(current, noted, "unchanged"))
        if not _is_noted(current.latest_invoice, noted):
            raise _not_latest(_id(noted), current)
        return None if current.owes else Effect(_answer(current, noted, "paid"))

    def on_repeat(self, run: Run) -> NextStep | InvoiceMarkedPaid:
        """Replay the result unless an invoice is open that this request, sent again on purpose, is about.

        Only Stigg knows which invoice is open. Raises what the client raises.
        """
        before = self.replayed_answer(run.operation)
        current = self.deps.stigg.get_subscription(before.subscription_id)
        if run.operation.explicit_key or self._stands(run.operation, before, current):
            return before.model_copy(update=present_data(current))
        return NextStep.NEW_INTENT

    def mapping_changes(self, run: Run, effect: Effect[InvoiceMarkedPaid]) -> Changes | None:
        """Record the payment in the history, and that no payment is due any more."""
        changes = changed_mappings(run, effect, event="invoicePaid", now=self.deps.clock.now())
        return replace(changes, records=tuple(map(_without_failure, changes.records)))

    def _stands(self, operation: Operation, before: InvoiceMarkedPaid, current: Subscription) -> bool:
        """Whether a stored result is still what the request asks for.

        A request without an invoice id that comes late could otherwise mark an invoice that was issued since: that of
        the renewal which it unblocked.
        """
        if not current.owes or self.request.invoice_id not in {None, _billing_id(current)}:
            return True
        if before.outcome != "paid" or before.invoice_id == _billing_id(current):
            return False
        if self.request.as_of is not None:
            return int(1000 * self.request.as_of.timestamp()) <= operation.made_at
        return self.deps.clock.now() < (operation.finished_at or 0) + REPLAY_SECONDS


def _answer(current: Subscription, noted: Mapping[str, Any], outcome: str) -> InvoiceMarkedPaid:
    """Return the answer, with the amount that was due before.

    If another invoice is the latest and open, it came after the mark; if it is not open, it came before and was marked.
    """
    latest = current.latest_invoice
    is_another = bool(noted) and not _is_noted(latest, noted)
    invoice = None if is_another and current.owes else latest
    before = {} if is_another and invoice else noted.get("invoice", {})
    shown = {
        "invoiceId": invoice and invoice.billing_id,
        "invoiceStatus": invoice and invoice.status,
        "currency": invoice and invoice.currency,
        "pdfUrl": invoice and invoice.pdf_url,
    }
    fields = {**drop_none(shown), **before}
    return InvoiceMarkedPaid.model_validate({**subscription_data(current), **fields, "outcome": outcome})


def _is_noted(invoice: LatestInvoice | None, noted: Mapping[str, Any]) -> bool:
    return invoice is not None and invoice.billing_id == noted["invoice"].get("invoiceId")


def _id(noted: Mapping[str, Any]) -> str:
    return str(noted["invoice"].get("invoiceId", "the latest"))


def _billing_id(subscription: Subscription) -> str | None:
    return subscription.latest_invoice.billing_id if subscription.latest_invoice else None


def _without_failure(record: RecordState) -> RecordState:
    """Return a record of whose subscription no payment is due."""
    return replace(record, current=record.current and replace(record.current, payment_failed_at=None))


def _not_latest(invoice_id: str, current: Subscription) -> Refused:
    """Return the error for an invoice that Stigg cannot mark, because it marks only the latest one."""
    invoice, amount = current.latest_invoice, ""
    if invoice is not None and invoice.amount_due is not None:
        amount = f" over {plain_number(invoice.amount_due)} {invoice.currency or ''}".rstrip()
    latest = f"{invoice.billing_id} ({invoice.status}){amount}" if invoice else "none"
    return Refused(
        "INVOICE_NOT_LATEST",
        f"Stigg marks only the latest invoice of a subscription. That of subscription {current.id} is {latest}, not "
        f"{invoice_id}.",
        remedy="Correct invoiceId, or settle that invoice in the billing provider.",
    )
