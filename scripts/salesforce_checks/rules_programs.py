"""Rules on flows that a program starts: they change nothing, and give their result back."""

from collections.abc import Iterator
from dataclasses import fields
from functools import cached_property

from scripts.salesforce_checks import rules_calls, rules_flows
from scripts.salesforce_checks.flows import Flow
from scripts.salesforce_checks.metadata import Finding, text, texts
from scripts.salesforce_checks.project import Project

_ALSO_KEPT = (
    rules_flows.flow_connectors_lead_to_elements,
    rules_flows.flow_names_are_unique,
    rules_flows.flow_references_lead_somewhere,
    rules_flows.flow_values_fit,
    rules_calls.calls_name_an_operation,
    rules_calls.calls_send_the_body_of_their_operation,
)


class _ByPrograms(Project):
    """A project seen by rules as if it had only the flows that programs start."""

    @cached_property
    def flows(self) -> list[Flow]:
        return self.program_flows


def program_flows_are_sound(project: Project) -> Iterator[Finding]:
    """Connectors, names, references, values and calls of these flows keep the rules of the others."""
    seen = _ByPrograms(**{field.name: getattr(project, field.name) for field in fields(project)})
    for rule in _ALSO_KEPT:
        yield from rule(seen)


def program_flows_report(project: Project) -> Iterator[Finding]:
    """A flow that a program starts is active, writes no record, and assigns the fault of each call to an output."""
    for flow in project.program_flows:
        outputs = {name for name, one in flow.resources.items() if text(one, "isOutput") == "true"}
        if text(flow.root, "status") != "Active":
            yield Finding(flow.name, "is not active")
        if flow.root.find("recordUpdates") is not None:
            yield Finding(flow.name, "writes records")
        for call in flow.calls:
            target = flow.elements.get(call.findtext("faultConnector/targetReference") or "")
            reported = [] if target is None else texts(target, "assignToReference")
            if target is None or "$Flow.FaultMessage" not in texts(target, "elementReference"):
                yield Finding(flow.name, f"a fault of {text(call, 'name')} is not given back")
            elif not outputs.intersection(reported):
                yield Finding(flow.name, f"a fault of {text(call, 'name')} goes to no output")
