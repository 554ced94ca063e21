"""A rule for the parts of flows: those that the other rules do not look at are not used."""

from collections.abc import Iterator

from scripts.salesforce_checks.flows import ELEMENTS, RESOURCES
from scripts.salesforce_checks.metadata import Finding, text
from scripts.salesforce_checks.project import Project

_OF_THE_BUILDER = "processMetadataValues"


def flow_parts_are_known(project: Project) -> Iterator[Finding]:
    """Every part of a flow is of a kind that these checks read.

    A call or a write in another kind, such as a `recordCreates`, would escape the rules on order and batches.
    """
    known = {*ELEMENTS, *RESOURCES, _OF_THE_BUILDER}
    for flow in project.flows:
        for part in flow.root:
            if text(part, "name") and part.tag not in known:
                yield Finding(flow.name, f"{text(part, 'name')} is of the kind {part.tag}, which no rule looks at")
        for update in flow.root.findall("recordUpdates"):
            holder = text(update, "inputReference")
            if holder and holder != "$Record" and not text(update, "object") and holder not in flow.resources:
                yield Finding(flow.name, f"{text(update, 'name')} writes {holder}, whose fields no rule can see")
