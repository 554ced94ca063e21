"""Rules for notifications: the owner of a record is notified of a failure with its reason."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.flows import Flow, is_call
from scripts.salesforce_checks.kinds import Kind
from scripts.salesforce_checks.metadata import Finding, text, texts
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.references import References, Unknown

BELL, EMAIL = "customNotificationAction", "emailSimple"
_TEXT = Kind("text")
INPUTS: dict[str, dict[str, Kind]] = {
    BELL: {
        "customNotifTypeId": _TEXT,
        "recipientIds": _TEXT.as_list(),
        "title": _TEXT,
        "body": _TEXT,
        "targetId": _TEXT,
    },
    EMAIL: {"emailAddresses": _TEXT, "emailSubject": _TEXT, "emailBody": _TEXT},
}
"""The inputs of standard actions. Source: Actions Developer Guide."""
_OF_A_PARENT = {
    "OpportunityLineItem": "Opportunity"
}  # a line has no owner; its flows also mark its opportunity as failed


def standard_actions_get_their_inputs(project: Project) -> Iterator[Finding]:
    """Every standard action is known here and gets its inputs."""
    for flow in project.flows:
        for action in flow.root.findall("actionCalls"):
            inputs = INPUTS.get(text(action, "actionName"))
            if is_call(action):
                continue
            if inputs is None or text(action, "actionType") != text(action, "actionName"):
                yield Finding(flow.name, f"{text(action, 'name')} is not an action that is known here")
            elif (given := _given(flow, project, action)) != inputs:
                yield Finding(flow.name, f"{text(action, 'name')} needs {_shown(inputs)}, and is given {_shown(given)}")


def owners_hear_of_failures(project: Project) -> Iterator[Finding]:
    """If a flow marks a record as failed, another flow notifies its owner of the reason, on its own path."""
    failing = {
        (_OF_A_PARENT.get(record, record), field if record not in _OF_A_PARENT else "Stigg_Status__c")
        for flow in project.flows
        for record, field, value in flow.writes
        if value.findtext("stringValue") == "FAILED"
    }
    for record, field in sorted(failing):
        telling = [flow for flow in project.flows if flow.object == record and _rings(flow, field)]
        if not telling:
            yield Finding(f"{record}.{field}", "becomes FAILED, and no owner is notified")
        for flow in telling:
            if {"$Record.OwnerId", "$Record.Stigg_Last_Error__c"} - set(flow.references):
                yield Finding(flow.name, "does not notify the owner of the reason")


def notification_types_are_there(project: Project) -> Iterator[Finding]:
    """The notification type that a flow uses is part of the project, for desktop and mobile."""
    types = project.named("CustomNotificationType")
    for flow in project.flows:
        for lookup in flow.root.findall("recordLookups"):
            if text(lookup, "object") == "CustomNotificationType":
                for name in texts(lookup, "stringValue"):
                    kind = types.get(name)
                    if kind is None or {text(kind.root, "desktop"), text(kind.root, "mobile")} != {"true"}:
                        yield Finding(flow.name, f"there is no notification type {name} for desktop and mobile")


def _rings(flow: Flow, field: str) -> bool:
    entry = text(flow.start, "filterFormula")
    changes = f"ISCHANGED({{!$Record.{field}}})" in entry and f'ISPICKVAL({{!$Record.{field}}}, "FAILED")' in entry
    later = [entry for entry in flow.entries if entry.path is not None]
    return changes and any(
        text(flow.elements[name], "actionName") == BELL for entry in later for name in flow.reachable(entry.target)
    )


def _given(flow: Flow, project: Project, action: Element) -> dict[str, Kind]:
    references, inputs = References(flow, project), {}
    for parameter in action.findall("inputParameters"):
        try:
            inputs[text(parameter, "name")] = references.value(next(parameter.iter("value")))
        except Unknown:
            continue  # flow_references_lead_somewhere reports it
    return inputs


def _shown(inputs: dict[str, Kind]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in sorted(inputs.items()))
