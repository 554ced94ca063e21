"""A run of reconcile on a page: what it compares, what it found, and what became of it."""

from collections.abc import Mapping
from typing import Any

from console.web import links
from console.web.parts import Badge, Cell, Link, alert, attempted, paragraph, table
from console.web.site import Site
from console.web.words import counted, title_of

_PROBLEMS = {
    "missing": "It had no mapping.",
    "status": "The mapping had another status.",
    "paid": "It was awaiting payment, and has been paid.",
    "lapsed": "It ended before it was paid.",
    "displaced": "Its record has no other running subscription.",
    "unlisted": "It was not listed among its customer's.",
    "conflict": "Two subscriptions run for one record. Cancel the one that is not wanted.",
}


async def reconcile_into(said: Any, site: Site, request: Mapping[str, Any]) -> None:  # noqa: ANN401 - an element
    """Run reconcile, and show in an element what it found."""
    said.clear()
    with said:
        paragraph("Comparing the mappings with Stigg …", "waiting")
    reconciled, problem = await attempted(lambda: site.calls.call("reconcile", request))
    said.clear()
    with said:
        if problem:
            alert(problem)
        else:
            _show(reconciled)


def _show(reconciled: Mapping[str, Any]) -> None:
    """Show the differences and the operations that a run found, and what became of them."""
    compared = counted(reconciled["subscriptionsCompared"], "subscription")
    if reconciled.get("stoppedBy"):
        alert(f"The comparison stopped early: {reconciled['stoppedBy']}.", "warn")
    if not (reconciled["mended"] or reconciled["settled"]):
        alert(f"{compared} compared. The mappings and Stigg agree.", "good")
        return
    paragraph(f"{compared} compared.")
    if reconciled["mended"]:
        rows = [_mapping(one) for one in reconciled["mended"]]
        table(counted(len(rows), "difference"), ("Subscription", "Record", "Difference", "Result"), rows)
    if reconciled["settled"]:
        settled = [_operation(one) for one in reconciled["settled"]]
        table(
            counted(len(settled), "operation of unknown outcome", "operations of unknown outcome"),
            ("Operation", "Result"),
            settled,
        )


def _mapping(one: Mapping[str, Any]) -> tuple[Cell, ...]:
    record = str(one.get("salesforceRecordId", ""))
    return (
        Link(one["subscriptionId"], links.subscription(one["subscriptionId"])),
        Link(record, links.record(record) if record else ""),
        _PROBLEMS.get(one["problem"], one["problem"]),
        Badge("corrected", "good") if one["mended"] else Badge(str(one.get("errorCode", "not changed")), "warn"),
    )


def _operation(one: Mapping[str, Any]) -> tuple[Cell, ...]:
    return Link(title_of(one["kind"]), links.operation(one["operationKey"])), one["result"]
