"""The page of a Salesforce record: its subscription, what has happened, what lies ahead, and whether Stigg agrees."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nicegui import html, ui

from console.web import links
from console.web.differences import Compared, compared
from console.web.frame import framed
from console.web.parts import Badge, Cell, Field, Link, alert, facts, form, link, loaded, paragraph, section, table
from console.web.site import Site
from console.web.timeline import Event, segments, timeline
from console.web.words import counted, shown_moment, spaced

PATH = "/record"

type Found = Mapping[str, Any]


def add_to(site: Site) -> None:
    """Add the page."""

    def record(record: str = "", subscription: str = "", customer: str = "", account: str = "") -> None:
        with framed(site, "Records and customers", PATH):
            forms(record, subscription, customer, account)
            named = {"salesforceRecordId": record, "subscriptionId": subscription}
            owner = {"customerId": customer, "salesforceAccountId": account}
            request = {name: value.strip() for name, value in {**named, **owner}.items() if value.strip()}
            if record or subscription:
                loaded(
                    lambda: site.calls.call("get-subscription", request),
                    lambda found: show_record(site, found),
                    "Reading the mapping and Stigg …",
                )

    ui.page(PATH)(record)


def forms(record: str = "", subscription: str = "", customer: str = "", account: str = "") -> None:
    """Add the forms that find a record and a customer."""
    with html.div().classes("pair"):
        with section("Find a record", "A mapping that is lost is restored when it is found."):
            fields = (
                Field("record", "Salesforce record", record),
                Field("subscription", "or Stigg subscription", subscription),
                Field("customer", "Its customer, if the mapping is lost", customer),
            )
            form(PATH, fields, "Show the record")
        with section("Find a customer"):
            owner = (
                Field("customer", "Stigg customer", customer),
                Field("account", "or Salesforce account", account),
            )
            form("/customer", owner, "Show the customer")


def show_record(site: Site, found: Found) -> None:
    """Show what get-subscription found."""
    now = datetime.now(UTC)
    if found["outcome"] == "repaired":
        alert("The mapping of this record was lost. It has been restored from Stigg.", "warn")
    with section("Subscription"):
        facts(_subscription(site, found))
    if found.get("ramp"):
        _ramp(found["ramp"], now)
    _sides(compared(found))
    _timeline(timeline(found, now), now)


def _subscription(site: Site, found: Found) -> list[tuple[str, Cell]]:
    mapping, subscription = found.get("mapping") or {}, found.get("subscription") or {}
    record = str(mapping.get("salesforceRecordId", ""))
    in_salesforce = site.links.salesforce_record(record) if record else ""
    addons = ", ".join(f"{addon['id']} x {addon['quantity']}" for addon in subscription.get("addons", ()))
    return [
        ("Status", Badge(found["status"], "good" if found["active"] else "info")),
        ("Plan", found["planId"]),
        ("Add-ons", addons),
        ("Subscription", found["subscriptionId"]),
        ("Customer", Link(found["customerId"], links.customer(found["customerId"]))),
        ("Record", record),
        ("In Salesforce", Link("Open the record" if in_salesforce else "", in_salesforce, is_elsewhere=True)),
        ("Billing period", _period(subscription)),
        ("Operations", Link("Operations for this record" if record else "", links.operations(record=record))),
    ]


def _period(subscription: Found) -> str:
    ends = [shown_moment(subscription.get(name)) for name in ("billingPeriodStart", "billingPeriodEnd")]
    return " to ".join(end for end in ends if end)


def _ramp(ramp: Sequence[Found], now: datetime) -> None:
    with section("Ramp", "Its segments, each as long as its time."), html.ol().classes("ramp"):
        for segment in segments(ramp, now):
            with html.li().classes(segment.state).style(f"flex-grow: {segment.percent}"):
                html.strong(segment.title)
                html.span(spaced(segment.state)).classes("state")
                html.span(segment.detail)


def _sides(rows: Sequence[Compared]) -> None:
    """Show the mapping beside Stigg's state."""
    with section("Mapping and Stigg"):
        if not rows:
            paragraph("This subscription was not provisioned for a record, so it has no mapping.", "empty")
            return
        differing = [row for row in rows if row.differs]
        if differing:
            alert(f"{counted(len(differing), 'difference')}. Rebuild the mappings on the page of the customer.", "warn")
        else:
            paragraph("The mapping and Stigg agree.", "good-note")
        marks: dict[bool, Badge] = {True: Badge("differs", "warn"), False: Badge("same", "good")}
        cells = [(row.name, row.in_mapping, row.in_stigg, marks[row.differs]) for row in rows]
        table("Field by field", ("Field", "Mapping", "Stigg now", "Compared"), cells)


def _timeline(events: Sequence[Event], now: datetime) -> None:
    with section("Timeline", "What has happened is above today, what lies ahead below."), html.ol().classes("timeline"):
        for event in (event for event in events if not event.is_ahead):
            _event(event)
        with html.li().classes("today"):
            html.span(f"Today, {now:%Y-%m-%d}")
        for event in (event for event in events if event.is_ahead):
            _event(event)


def _event(event: Event) -> None:
    with html.li().classes("ahead" if event.is_ahead else "past"):
        html.time(shown_moment(event.at.isoformat() if event.at else None) or "Time not known")
        html.strong(event.title)
        if event.detail:
            html.span(event.detail).classes("detail")
        if event.operation_key:
            link(Link("Operation", links.operation(event.operation_key)))
