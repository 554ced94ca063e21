"""The page of one operation: what happened, what it means, what to do; and its replay."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import html, ui

from console.errors import ConsoleError, RefusedError
from console.operation_lists import listed
from console.web import links, words
from console.web.frame import framed
from console.web.parts import (
    Badge,
    Cell,
    Link,
    alert,
    attempted,
    button,
    confirmed,
    facts,
    loaded,
    paragraph,
    section,
    table,
)
from console.web.site import Site

MOST_INTENTS = 100

type Operation = Mapping[str, Any]


def add_to(site: Site) -> None:
    """Add the page."""

    def operation(key: str = "") -> None:
        with framed(site, "Operation", "/operations"):
            said = html.div(role="status")

            def show(operations: Sequence[Operation]) -> None:
                _show(site, operations, replay)

            async def replay() -> None:
                await _replay(site, key, said)
                await load()

            load = loaded(lambda: read(site, key), show, "Reading the ledger …")

    ui.page("/operation")(operation)


def read(site: Site, key: str) -> list[dict[str, Any]]:
    """Return the operations with a key, newest first. Raises RefusedError if there is none, or as ``Calls.call``."""
    operations, _ = listed(site.calls.call, {"operationKey": key}, MOST_INTENTS)
    if not operations:
        raise RefusedError(f"There is no operation with the key {key}.")
    return operations


def _show(site: Site, operations: Sequence[Operation], replay: Any) -> None:  # noqa: ANN401 - a handler
    newest = operations[0]
    title = words.title_of(newest["kind"])
    with section(title):
        html.span(newest["status"]).classes(f"badge {words.tone_of(newest['status'])}")
        for name, text in (
            ("What happened", words.happened(newest)),
            ("What it means", words.means(newest)),
            ("What to do", newest["whatToDo"]),
        ):
            html.h3(name)
            html.p(text)
        if newest["status"] != "SUCCEEDED":
            _offer_replay(site, replay)
    with section("What was asked for"):
        facts(_asked(site, newest))
        _request(newest)
    if newest.get("customerId"):
        loaded(lambda: _in_stigg(site, newest), _link_to_stigg, "Asking for the customer's address in Stigg …")
    with section("Where it can be seen"):
        facts(_seen(newest))
    if len(operations) > 1:
        with section("Requests with this key", "The same effect was requested, and undone, more than once."):
            table("Requests", ("Number", "Try", "Status", "Started", "Ended"), [_intent(one) for one in operations])


def _offer_replay(site: Site, replay: Any) -> None:  # noqa: ANN401 - a handler
    button("Replay …", replay, tone="primary", enabled=site.calls.may_write)
    if not site.calls.may_write:
        paragraph("The console is read-only. Start it with --write to replay operations.", "note")


def _asked(site: Site, operation: Operation) -> list[tuple[str, Cell]]:
    record, customer, subscription = (
        str(operation.get(name, "")) for name in ("salesforceRecordId", "customerId", "subscriptionId")
    )
    in_salesforce = site.links.salesforce_record(record) if record else ""
    return [
        ("Action", words.action_of(operation["kind"])),
        ("Salesforce record", Link(record, links.record(record))),
        ("In Salesforce", Link("Open the record" if in_salesforce else "", in_salesforce, is_elsewhere=True)),
        ("Stigg customer", Link(customer, links.customer(customer))),
        ("Stigg subscription", Link(subscription, links.subscription(subscription))),
        ("Salesforce organization", operation["salesforceOrgId"]),
        ("Tries", str(operation["attempt"])),
        ("Started", words.shown_moment(operation["startedAt"])),
        ("Ended", words.shown_moment(operation.get("finishedAt"))),
        ("Error", str(operation.get("errorCode", ""))),
    ]


def _request(operation: Operation) -> None:
    if "request" not in operation:
        paragraph("Its request was removed by forget-customer.", "empty")
        return
    html.h3("Request")
    paragraph("Names, addresses, metadata and other texts are not shown.", "note")
    html.pre(json.dumps(operation["request"], indent=2, ensure_ascii=False)).classes("code")


def _in_stigg(site: Site, operation: Operation) -> str:
    """Return the address of the customer in Stigg; an empty text if it cannot be had. The page is complete without."""
    try:
        found = site.calls.call("get-customer", {"customerId": operation["customerId"]})
    except ConsoleError:
        return ""
    return links.https_only(found.get("customerUrl", ""))


def _link_to_stigg(address: str) -> None:
    facts([("In Stigg", Link("Open the customer" if address else "", address, is_elsewhere=True))])


def _seen(operation: Operation) -> list[tuple[str, Cell]]:
    key, call = operation["operationKey"], operation["correlationId"]
    later = str(operation.get("latestCorrelationId", ""))
    return [
        ("Key of the operation", key),
        ("Call that requested it first", Link(call, links.operations(call=call))),
        ("Latest other call that ran it", Link(later, links.operations(call=later))),
        ("Event on the bus, once it takes effect", words.event_of(operation["kind"])),
        ("Log lines and this entry of the ledger", f"scripts/logs {key}"),
    ]


def _intent(operation: Operation) -> tuple[Cell, ...]:
    return (
        str(operation["intent"]),
        str(operation["attempt"]),
        Badge(operation["status"], words.tone_of(operation["status"])),
        words.shown_moment(operation["startedAt"]),
        words.shown_moment(operation.get("finishedAt")),
    )


async def _replay(site: Site, key: str, said: Any) -> None:  # noqa: ANN401 - an element
    """Replay an operation if it is confirmed, and say what became of it."""
    is_confirmed, is_forced = await confirmed("Replay this operation?", [words.REPLAY], "Replay now", words.FORCE)
    if not is_confirmed:
        return
    request = {"operationKey": key, "force": is_forced}
    replayed, problem = await attempted(lambda: site.calls.call("replay-operation", request))
    said.clear()
    with said:
        if problem:
            alert(f"The replay failed. {problem}")
        else:
            alert(_OUTCOMES[replayed["outcome"]], "warn" if replayed["outcome"] == "superseded" else "good")


_OUTCOMES = {
    "replayed": "The operation was replayed, and took effect.",
    "alreadySucceeded": "The operation had succeeded before. Nothing was sent.",
    "superseded": "Nothing was sent: a newer operation has changed the same subscription or customer.",
}
