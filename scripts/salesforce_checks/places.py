"""Find the places that a flow fills, and their values."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.flows import Flow
from scripts.salesforce_checks.metadata import text

RECORD = ">"
"""The separator of object and field in a place that is not a reference: `Opportunity>Stigg_Status__c`."""


def assignments(flow: Flow) -> Iterator[tuple[str, Element, bool]]:
    """Yield every place that a flow fills, its value, and whether the value is added.

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
    """Return the owner of a place, which is an object with `>` or a reference, and its name there."""
    record, separator, field = place.partition(RECORD)
    if separator:
        return f"{record}{RECORD}", field
    owner, _, name = place.rpartition(".")
    return owner, name
