"""The places that a flow fills, and the values that it puts there."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.flows import Flow
from scripts.salesforce_checks.metadata import text

RECORD = ">"
"""Stands between an object and its field, where a place is no reference: `Opportunity>Stigg_Status__c`."""


def assignments(flow: Flow) -> Iterator[tuple[str, Element, bool]]:
    """Yield every place that a flow fills, its value, and whether that is added to it.

    A place is a reference, as `Request.planId`, or an object and its field, as `Opportunity>Stigg_Status__c`.
    """
    for item in flow.root.iter("assignmentItems"):
        yield text(item, "assignToReference"), next(item.iter("value")), text(item, "operator") == "Add"
    for update in flow.root.findall("recordUpdates"):
        for item in update.findall("inputAssignments"):
            yield f"{text(update, 'object')}{RECORD}{text(item, 'field')}", next(item.iter("value")), False
    for place, value in flow.mapped:
        yield place, value, False


def split(place: str) -> tuple[str, str]:
    """Return what a place belongs to, an object with `>` or a reference, and its name there."""
    record, found, field = place.partition(RECORD)
    if found:
        return f"{record}{RECORD}", field
    owner, _, name = place.rpartition(".")
    return owner, name
