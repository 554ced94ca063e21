"""Invoices: issued when something paid begins, settled by payment, and in the way of a replacement once overdue."""

from datetime import timedelta

from local.stigg_emulator import pricing
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.errors import Refusal
from local.stigg_emulator.paging import choices, moments, page
from local.stigg_emulator.records import Invoice, Subscription
from local.stigg_emulator.shapes import queries
from local.stigg_emulator.views import invoice_view
from local.stigg_emulator.world import Call, World, new_id

DAYS_UNTIL_DUE = 30


def issue(world: World, subscription: Subscription, reason: str = "SUBSCRIPTION_CREATION") -> Invoice:
    """Invoice a subscription's period; a payment method on file, or a note that it is paid, settles it at once."""
    customer = world.customers[subscription.customer_id]
    charged = pricing.lines(world.catalog, subscription.plan, subscription.sent, customer.currency)
    invoice = Invoice(
        id=new_id("in"),
        customer_id=customer.id,
        owner_id=subscription.id,
        amount=pricing.number(pricing.total(charged)),
        currency=charged[0].currency if charged else customer.currency,
        created_at=world.now,
        due_at=world.now + timedelta(days=DAYS_UNTIL_DUE),
        reason=reason,
    )
    world.invoices[invoice.id] = subscription.invoice = invoice
    charged_at_once = subscription.collection_method == "CHARGE" and customer.can_be_charged
    if charged_at_once or (subscription.sent.get("billingInformation") or {}).get("isInvoicePaid"):
        pay(world, invoice)
    return invoice


def pay(world: World, invoice: Invoice) -> None:
    """Settle an invoice."""
    invoice.status, invoice.overdue, invoice.paid_at = "PAID", False, world.now


def refuse_unpaid(displaced: list[Subscription]) -> None:
    """Refuse to replace a subscription whose invoice is overdue. Stigg publishes no code for this refusal."""
    for subscription in displaced:
        invoice = subscription.invoice
        if invoice is not None and invoice.status == "OPEN" and invoice.overdue:
            message = f"Subscription {subscription.id} has an unpaid invoice {invoice.id} that must be settled first"
            raise Refusal("SubscriptionHasUnpaidInvoice", message)


def mark_paid(world: World, call: Call) -> Json:
    """POST /subscriptions/{id}/invoice/paid: settle the latest invoice, which must be open."""
    invoice = world.subscription(call.id).invoice
    if invoice is None:
        raise Refusal("MissingBillingInvoiceError", f"Subscription {call.id} has no invoice")
    if invoice.status != "OPEN":
        raise Refusal("BillingInvoiceStatusError", f"Invoice {invoice.id} is {invoice.status}, not OPEN")
    pay(world, invoice)
    return {"data": {"id": call.id}}


def list_invoices(world: World, call: Call) -> Json:
    """GET /customers/{id}/invoices: a customer's invoices, in order of issue."""
    world.customer(call.id, status=404)
    states = choices(call.query, "stateIn", queries.INVOICE_STATES)
    after, before = moments(call.query, "issuedAfter", "issuedBefore")
    found = [
        invoice
        for invoice in world.invoices.values()
        if invoice.customer_id == call.id
        and (not states or invoice.status in states)
        and (after is None or invoice.created_at >= after)
        and (before is None or invoice.created_at <= before)
    ]
    key, last_first = _order(call.query)
    ordered = sorted(found, key=lambda invoice: str(invoice_view(invoice)[key]), reverse=last_first)
    return page(ordered, call.query, invoice_view)


def _order(query: dict[str, str]) -> tuple[str, bool]:
    return query.get("orderBy", "issueDate"), query.get("orderDir") == "DESC"
