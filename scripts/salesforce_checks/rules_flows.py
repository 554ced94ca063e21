"""Rules on every flow: how it starts, unique names, and references that lead somewhere.

The flow scanner finds flows that are not active or not described, and elements that are not connected.
"""

from collections import Counter
from collections.abc import Iterator

from scripts.salesforce_checks.flows import EACH_ITEM, ELEMENTS, RESOURCES
from scripts.salesforce_checks.metadata import Finding, text, texts
from scripts.salesforce_checks.places import assignments
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.references import References, Unknown

_OF_RECORDS = ("start", "dynamicChoiceSets", "recordLookups", "recordUpdates")


def flows_start_with_records(project: Project) -> Iterator[Finding]:
    """Every flow starts when a record is saved, or has screens, and is of the project's version of the API."""
    for flow in project.flows:
        wanted = {"processType": "Flow" if flow.has_screens else "AutoLaunchedFlow", "apiVersion": project.api_version}
        for tag, value in wanted.items():
            if text(flow.root, tag) != value:
                yield Finding(flow.name, f"{tag} is {text(flow.root, tag)!r}, not {value!r}")
        starts = {""} if flow.has_screens else {"RecordAfterSave", "RecordBeforeSave"}
        if text(flow.start, "triggerType") not in starts:
            yield Finding(flow.name, "does not start when a record is saved")


def flows_take_turns(project: Project) -> Iterator[Finding]:
    """Flows on one object have an order: no two have the same."""
    orders: dict[tuple[str, str], str] = {}
    for flow in (flow for flow in project.flows if not flow.has_screens):
        key = (flow.object, text(flow.root, "triggerOrder"))
        if key in orders or not key[1]:
            yield Finding(flow.name, f"has the same triggerOrder as {orders.get(key, 'one without')}, or none")
        orders[key] = flow.name


def flow_connectors_lead_to_elements(project: Project) -> Iterator[Finding]:
    """Every connector leads to an element of its flow."""
    for flow in project.flows:
        for target in texts(flow.root, "targetReference"):
            if target not in flow.elements:
                yield Finding(flow.name, f"a connector leads to {target}, which is not there")


def flow_names_are_unique(project: Project) -> Iterator[Finding]:
    """No two elements, outcomes of decisions, paths or resources of a flow have one name, in whatever case."""
    for flow in project.flows:
        named = [one for kind in (*ELEMENTS, *RESOURCES) for one in flow.root.findall(kind)]
        named += [*flow.root.iter("rules"), *flow.root.iter("scheduledPaths"), *flow.root.findall("screens/fields")]
        found = Counter(text(one, "name").lower() for one in named)
        for name in sorted(name for name, count in found.items() if count > 1):
            yield Finding(flow.name, f"has {name} more than once")


def flow_references_lead_somewhere(project: Project) -> Iterator[Finding]:
    """Every reference in a flow leads to a record's field, a resource, or an output or property of the document."""
    for flow in project.flows:
        references = References(flow, project)
        for reference in sorted(set(flow.references)):
            try:
                references.kind(reference)
            except Unknown as unknown:
                yield Finding(flow.name, f"{reference}: {unknown}")


def flow_values_fit(project: Project) -> Iterator[Finding]:
    """What a flow assigns, adds, maps or writes has the kind of the place that it is put into."""
    for flow in project.flows:
        references = References(flow, project)
        for place, holder, is_added in assignments(flow):
            try:
                wanted, given = references.place(place), references.value(holder)
            except Unknown:
                continue  # flow_references_lead_somewhere tells
            if not wanted.takes(given.as_list() if is_added and wanted.many else given):
                yield Finding(flow.name, f"{place} is a {wanted}, and is given a {given}")


def flow_fields_exist(project: Project) -> Iterator[Finding]:
    """Every field that a flow searches by, reads or writes is a field of its object."""
    for flow in project.flows:
        holders = [one for kind in _OF_RECORDS for one in flow.root.findall(kind)]
        for holder in holders:
            record = text(holder, "object")
            for field in [*texts(holder, "field"), *texts(holder, "queriedFields"), *texts(holder, "recordField")]:
                if project.field(record, field) is None:
                    yield Finding(flow.name, f"{record} has no field {field}")


def flow_queries_read_what_is_used(project: Project) -> Iterator[Finding]:
    """A flow asks for every field of looked-up records that it refers to."""
    for flow in project.flows:
        queried = {name: set(texts(one, "queriedFields")) for name, one in flow.elements.items()}
        sources = {name: text(one, "collectionReference") for name, one in flow.elements.items() if one.tag == "loops"}
        for reference in sorted(set(flow.references)):
            first, _, field = reference.replace(EACH_ITEM, "").partition(".")
            source = sources.get(first, first)
            is_query = source in flow.elements and flow.elements[source].tag == "recordLookups"
            if field and is_query and field not in queried[source]:
                yield Finding(flow.name, f"{source} does not ask for {field}")
