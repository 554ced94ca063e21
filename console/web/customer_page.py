"""The page of a customer: its subscriptions with their records, what stands in the way, and its mappings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nicegui import html, ui

from console.web import links
from console.web.frame import framed
from console.web.parts import Badge, Cell, Link, alert, button, confirmed, facts, loaded, paragraph, section, table
from console.web.reconciled import reconcile_into
from console.web.record_page import PATH, forms
from console.web.site import Site
from console.web.words import counted, shown_moment

type Found = Mapping[str, Any]

REBUILD = (
    "Every mapping of this customer is rewritten from the metadata in Stigg. Subscriptions in Stigg are not changed."
)


def add_to(site: Site) -> None:
    """Add the page."""

    def customer(customer: str = "", account: str = "") -> None:
        with framed(site, "Records and customers", PATH):
            forms(customer=customer, account=account)
            named = {"customerId": customer.strip(), "salesforceAccountId": account.strip()}
            request = {name: value for name, value in named.items() if value}
            if request:
                loaded(
                    lambda: site.calls.call("get-customer", request),
                    lambda found: _show(site, found),
                    "Reading the customer in Stigg …",
                )

    ui.page("/customer")(customer)


def _show(site: Site, found: Found) -> None:
    customer_id = str(found["customerId"])
    for part in found["incomplete"]:
        alert(f"{part['part']} could not be read. {part['message']}", "warn")
    with section(f"Customer {customer_id}"):
        facts(_customer(found))
        for blocker in found["blockers"]:
            alert(blocker["message"], "warn")
    with section("Subscriptions"):
        rows = [_subscription(one) for one in found.get("subscriptions") or ()]
        if rows:
            table(counted(len(rows), "subscription"), ("Subscription", "Plan", "Status", "Record", "Ahead"), rows)
        else:
            paragraph("The customer has no subscription that has not ended.", "empty")
    _invoices(found.get("openInvoices") or ())
    _mappings(site, customer_id)


def _customer(found: Found) -> list[tuple[str, Cell]]:
    customer = found.get("customer") or {}
    in_stigg = links.https_only(found.get("customerUrl"))
    credits_left = ", ".join(f"{one['balance']} {one['currencyId']}" for one in found.get("credits") or ())
    return [
        ("In Stigg", Link("Open the customer" if in_stigg else "", in_stigg, is_elsewhere=True)),
        ("Created", shown_moment(customer.get("createdAt"))),
        ("Archived", shown_moment(customer.get("archivedAt"))),
        ("Credits left", credits_left),
        ("Operations", Link("Operations that need attention", links.operations(customer=str(found["customerId"])))),
    ]


def _subscription(one: Found) -> tuple[Cell, ...]:
    record = str(one.get("salesforceRecordId", ""))
    return (
        Link(one["subscriptionId"], links.subscription(one["subscriptionId"])),
        one["planId"],
        Badge(one["status"], "good" if one["active"] else "info"),
        Link(record, links.record(record) if record else ""),
        ", ".join(_ahead(one)),
    )


def _ahead(one: Found) -> Iterator[str]:
    waiting = [segment for segment in one.get("ramp") or () if segment["state"] == "waiting"]
    if waiting:
        yield counted(len(waiting), "segment of its ramp", "segments of its ramp")
    if one["scheduledChanges"]:
        yield counted(len(one["scheduledChanges"]), "scheduled change")
    if one.get("cancellationDate"):
        yield f"ends {shown_moment(one['cancellationDate'])}"


def _invoices(invoices: Sequence[Found]) -> None:
    if not invoices:
        return
    with section("Open invoices"):
        rows = [_invoice(invoice) for invoice in invoices]
        table(counted(len(rows), "open invoice"), ("Invoice", "Subscription", "Amount due", "Due"), rows)


def _invoice(invoice: Found) -> tuple[Cell, ...]:
    subscription = str(invoice.get("subscriptionId", ""))
    return (
        Link(str(invoice.get("invoiceId", "-")), links.https_only(invoice.get("pdfUrl")), is_elsewhere=True),
        Link(subscription, links.subscription(subscription) if subscription else ""),
        f"{invoice.get('amountDue', '-')} {invoice.get('currency', '')}".strip(),
        shown_moment(invoice.get("dueDate")) or "-",
    )


def _mappings(site: Site, customer_id: str) -> None:
    """Offer to compare the mappings with Stigg, and to rebuild them."""
    with section("Mappings", "Which record has which subscription, as the stack stores it."):
        said = html.div(role="status")

        async def compare() -> None:
            await reconcile_into(said, site, {"customerId": customer_id, "dryRun": True, "rebuild": True})

        async def rebuild() -> None:
            is_confirmed, _ = await confirmed("Rebuild the mappings?", [REBUILD], "Rebuild now")
            if is_confirmed:
                await reconcile_into(said, site, {"customerId": customer_id, "dryRun": False, "rebuild": True})

        with html.div().classes("buttons"):
            button("Compare with Stigg", compare, tone="primary")
            button("Rebuild …", rebuild, enabled=site.calls.may_write)
        if not site.calls.may_write:
            paragraph("The console is read-only. Start it with --write to rebuild mappings.", "note")
