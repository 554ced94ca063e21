"""Rules on every flow: how it starts, unique names, and references that lead somewhere.

The flow scanner finds flows that are not active or not described, and elements that are not connected.
"""

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.flows import EACH_ITEM, ELEMENTS, RESOURCES, Flow
from scripts.salesforce_checks.kinds import Kind
from scripts.salesforce_checks.metadata import Finding, text, texts
from scripts.salesforce_checks.places import assignments
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.references import References, Unknown

_OF_RECORDS = ("start", "dynamicChoiceSets", "recordLookups", "recordUpdates")
_NOT_READING = {"actionCalls", "recordUpdates", "screens", "subflows"}


def flows_start_with_records(project: Project) -> Iterator[Finding]:
    """Every flow is of the project's version of the API, and starts with a saved record or an event.

    A flow that others call starts with them, and one with screens when a user opens it.
    """
    called = {text(element, "flowName") for flow in project.flows for element in flow.called}
    for flow in project.flows:
        wanted = {"processType": "Flow" if flow.has_screens else "AutoLaunchedFlow", "apiVersion": project.api_version}
        for tag, value in wanted.items():
            if text(flow.root, tag) != value:
                yield Finding(flow.name, f"{tag} is {text(flow.root, tag)!r}, not {value!r}")
        is_started = flow.follows_events if flow.object.endswith("__e") else flow.is_started_by_records
        starts_otherwise = flow.has_screens or flow.name in called
        if not is_started and (text(flow.start, "triggerType") or not starts_otherwise):
            yield Finding(flow.name, "does not start when a record is saved or an event is published")


def flows_take_turns(project: Project) -> Iterator[Finding]:
    """Flows on one object have an order: no two have the same."""
    orders: dict[tuple[str, str], str] = {}
    for flow in project.flows:
        if not flow.is_started_by_records:
            continue
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
            is_appended = is_added and wanted == given == Kind("text")
            if not is_appended and not wanted.takes(given.as_list() if is_added else given):
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


def called_flows_only_read(project: Project) -> Iterator[Finding]:
    """A flow that others call neither calls nor writes, so that those may still call, and takes what it is given."""
    for flow in project.flows:
        for element in flow.called:
            called = project.flow(text(element, "flowName"))
            if called is None or called.is_started_by_records:
                yield Finding(flow.name, f"{text(element, 'name')} calls no flow that can be called")
                continue
            for name in sorted(name for name, one in called.elements.items() if one.tag in _NOT_READING):
                yield Finding(called.name, f"{name} does more than to read, in a flow that others call")
            yield from _misfits(project, flow, called, element)


def _misfits(project: Project, flow: Flow, called: Flow, element: Element) -> Iterator[Finding]:
    """Yield the inputs that a called flow does not take."""
    for item in element.findall("inputAssignments"):
        name, given = text(item, "name"), References(flow, project).value(next(item.iter("value")))
        if name not in called.inputs or not References(called, project).kind(name).takes(given):
            yield Finding(
                flow.name, f"{text(element, 'name')} gives {name}, a {given}, which {called.name} does not take"
            )
