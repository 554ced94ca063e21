"""Rules for calls of actions: their place, their limits, and their failures."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scripts.openapi.uses import SERVICE
from scripts.salesforce_checks.flows import Flow, is_call
from scripts.salesforce_checks.kinds import Kind
from scripts.salesforce_checks.metadata import Finding, text, texts
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.references import References, Unknown

CALLOUTS = 100  # a transaction may make
CALLOUT_SECONDS = 120  # all callouts of a transaction may take
LARGEST_BATCH = 200  # interviews that share a transaction by default
LONGEST_CALL_SECONDS = 29  # the longest time until API Gateway answers
IN_EVERY_REQUEST = ("salesforceOrgId", "correlationId", "faultOnError")


def calls_name_an_operation(project: Project) -> Iterator[Finding]:
    """Every action that a flow calls is an operation of the registered document."""
    for flow, call in _calls(project):
        service, _, operation = text(call, "actionName").partition(".")
        if text(call, "actionType") != "externalService" or service != SERVICE:
            yield Finding(flow.name, f"{text(call, 'name')} calls something else than {SERVICE}")
        elif operation not in project.service.operations:
            yield Finding(flow.name, f"{text(call, 'name')} calls {operation}, which is no operation")


def calls_send_the_body_of_their_operation(project: Project) -> Iterator[Finding]:
    """The body of a call is an object of the class that the operation takes."""
    for flow, call in _calls(project):
        operation = text(call, "actionName").rpartition(".")[2]
        if operation not in project.service.operations:
            continue  # calls_name_an_operation reports it
        wanted = Kind("class", project.service.request_class(operation))
        if [text(parameter, "name") for parameter in call.findall("inputParameters")] != ["body"]:
            yield Finding(flow.name, f"{text(call, 'name')} does not send a body alone")
        elif (given := _kind(flow, project, _body(call))) != wanted:
            yield Finding(flow.name, f"{text(call, 'name')} takes a {wanted}, and is given a {given}")


def requests_say_whose_they_are(project: Project) -> Iterator[Finding]:
    """Every request has the org, a correlation id, faultOnError false (so that a refusal can be read), and asOf.

    asOf is the last modification of the records of the request, so that an old request does not undo a newer one.
    """
    for flow, call in _calls(project):
        assigned = {text(item, "assignToReference") for item in flow.root.iter("assignmentItems")}
        for name in (*IN_EVERY_REQUEST, *_if_taken(flow, project, call, "asOf")):
            if f"{_body(call)}.{name}" not in assigned:
                yield Finding(flow.name, f"{_body(call)} is sent without {name}")


def calls_follow_the_commit(project: Project) -> Iterator[Finding]:
    """No call can be reached from the path that runs while the record is being saved."""
    for flow in project.flows:
        for entry in flow.entries:
            if entry.path is None and flow.most_calls(entry.target):
                yield Finding(flow.name, "calls an action while the record is being saved")


def interviews_that_call_share_no_transaction(project: Project) -> Iterator[Finding]:
    """Every interview that calls has its own transaction and stays within its limits, however long calls take.

    After one interview has written, the other interviews of its transaction may not call, but they write at different
    times, so calls would be refused. An asynchronous path cannot limit its batches, so calls belong on scheduled paths
    (decisions 0015 and 0048).
    """
    for flow in project.flows:
        for entry in flow.entries:
            calls = flow.most_calls(entry.target)
            if entry.path is None or not calls:
                continue
            batch = int(text(entry.path, "maxBatchSize") or LARGEST_BATCH)
            if text(entry.path, "pathType"):
                yield Finding(flow.name, "calls an action on an asynchronous path, which cannot limit its batches")
            elif batch != 1:
                yield Finding(
                    flow.name, f"{batch} interviews share a transaction, and one may write before another calls"
                )
            elif calls > CALLOUTS or calls * LONGEST_CALL_SECONDS > CALLOUT_SECONDS:
                yield Finding(flow.name, f"{calls} calls of an interview can exceed the limits of a transaction")


def calls_come_before_writes(project: Project) -> Iterator[Finding]:
    """No interview calls after it has written, because Salesforce refuses a callout during uncommitted work."""
    for flow in project.flows:
        calls = {text(call, "name") for call in flow.calls}
        for update in flow.root.findall("recordUpdates"):
            for call in sorted(calls & flow.reachable(text(update, "name"))):
                yield Finding(flow.name, f"{call} can come after {text(update, 'name')} has written")


def calls_stand_in_no_loop(project: Project) -> Iterator[Finding]:
    """No call is repeated within one interview."""
    for flow, call in _calls(project):
        name = text(call, "name")
        if any(name in flow.reachable(after) for after in flow.next(name)):
            yield Finding(flow.name, f"{name} stands in a loop")


def faults_are_recorded(project: Project) -> Iterator[Finding]:
    """The fault of every call leads directly to an update that writes the fault message to a record."""
    for flow, call in _calls(project):
        target = call.findtext("faultConnector/targetReference")
        if target is None:
            yield Finding(flow.name, f"{text(call, 'name')} has no fault connector")
        elif "$Flow.FaultMessage" not in _recorded(flow, target):
            yield Finding(flow.name, f"a fault of {text(call, 'name')} is not written to a record")


def refusals_are_recorded(project: Project) -> Iterator[Finding]:
    """After every call, a decision reads `success`, and a refusal is written to a record."""
    for flow, call in _calls(project):
        name = text(call, "name")
        decision = flow.elements.get(call.findtext("connector/targetReference") or "")
        if decision is None or f"{name}.200.success" not in texts(decision, "leftValueReference"):
            yield Finding(flow.name, f"no decision reads whether {name} succeeded")
        elif f"{name}.200.errorMessage" not in _recorded(flow, decision.findtext("defaultConnector/targetReference")):
            yield Finding(flow.name, f"a refusal of {name} is not written to a record")


def other_faults_are_handled(project: Project) -> Iterator[Finding]:
    """A failing query, update or action leads to an update that records the fault and has no fault path itself."""
    for flow in project.flows:
        elements = flow.elements.values()
        recorders = {element.findtext("faultConnector/targetReference") or "" for element in elements}
        for kind in ("actionCalls", "recordLookups", "recordUpdates"):
            for element in flow.root.findall(kind):
                has_none = element.find("faultConnector") is None and not is_call(element)
                if has_none and text(element, "name") not in recorders:
                    yield Finding(flow.name, f"{text(element, 'name')} has no fault connector")


def _calls(project: Project) -> Iterator[tuple[Flow, Element]]:
    return ((flow, call) for flow in project.flows for call in flow.calls)


def _if_taken(flow: Flow, project: Project, call: Element, name: str) -> tuple[str, ...]:
    """Return a name if the body of a call has such a property."""
    body = _kind(flow, project, _body(call))
    taken = body is not None and body.base == "class" and name in project.service.properties(body.of)
    return (name,) if taken else ()


def _body(call: Element) -> str:
    return call.findtext("inputParameters/value/elementReference") or ""


def _kind(flow: Flow, project: Project, reference: str) -> Kind | None:
    try:
        return References(flow, project).kind(reference)
    except Unknown:
        return None


def _recorded(flow: Flow, target: str | None) -> str:
    """Return the text that an update writes to Stigg Last Error, with its templates; empty if it is no such update."""
    update = flow.elements.get(target or "")
    if update is None or update.tag != "recordUpdates":
        return ""
    for item in update.findall("inputAssignments"):
        if text(item, "field") == "Stigg_Last_Error__c":
            return _template(flow, item.findtext("value/elementReference") or "")
    return ""


def _template(flow: Flow, name: str) -> str:
    template = flow.resources.get(name)
    return text(template, "text") if template is not None else name
