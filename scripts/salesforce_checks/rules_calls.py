"""Rules on the calls of actions: allowed where they stand, within the limits, and never failing in silence."""

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
LARGEST_BATCH = 200  # interviews that share a transaction, where a path says no other number
LONGEST_CALL_SECONDS = 29  # API Gateway answers by then
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
            continue  # calls_name_an_operation tells
        wanted = Kind("class", project.service.request_class(operation))
        if [text(one, "name") for one in call.findall("inputParameters")] != ["body"]:
            yield Finding(flow.name, f"{text(call, 'name')} does not send a body alone")
        elif (given := _kind(flow, project, _body(call))) != wanted:
            yield Finding(flow.name, f"{text(call, 'name')} takes a {wanted}, and is given a {given}")


def requests_say_whose_they_are(project: Project) -> Iterator[Finding]:
    """Every request carries the org, a correlation id, faultOnError false (a refusal is read, not guessed), and asOf.

    asOf is the last modification of what the request is made from: an old wish does not undo a newer one. A user who
    presses a button wishes it now, so a flow with screens sends none.
    """
    for flow, call in _calls(project):
        body = _body(call)
        assigned = _assigned(flow, project, body)
        for name in (*IN_EVERY_REQUEST, *(() if flow.has_screens else _if_taken(flow, project, call, "asOf"))):
            if name not in assigned:
                yield Finding(flow.name, f"{body} is sent without {name}")
        if flow.has_screens and f"{body}.asOf" in texts(flow.root, "assignToReference"):
            yield Finding(flow.name, f"{body} has asOf, and a user wishes it now")


def calls_follow_the_commit(project: Project) -> Iterator[Finding]:
    """No call can be reached from the path that runs while the record is being saved."""
    for flow in (flow for flow in project.flows if not flow.has_screens):
        for entry in flow.entries:
            if entry.path is None and flow.most_calls(entry.target):
                yield Finding(flow.name, "calls an action while the record is being saved")


def interviews_that_call_share_no_transaction(project: Project) -> Iterator[Finding]:
    """Every interview that calls has a transaction of its own, and keeps within its limits however long calls take.

    Once one interview has written, no other of its transaction may call, and they write at different times: one is
    refused while another still calls. An asynchronous path cannot limit its batches, so calls belong on scheduled paths
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
    """No interview calls once it has written, before a screen commits it: Salesforce refuses such a callout."""
    for flow in project.flows:
        calls = {text(call, "name") for call in flow.calls}
        for update in flow.root.findall("recordUpdates"):
            for call in sorted(calls & flow.in_transaction(text(update, "name"))):
                yield Finding(flow.name, f"{call} can come after {text(update, 'name')} has written")


def faults_are_recorded(project: Project) -> Iterator[Finding]:
    """The fault of every call leads directly to an update that writes it to a record, or to a screen that shows it."""
    for flow, call in _calls(project):
        if "$Flow.FaultMessage" not in _recorded(flow, call.findtext("faultConnector/targetReference")):
            yield Finding(flow.name, f"a fault of {text(call, 'name')} is not written to a record or shown")


def refusals_are_recorded(project: Project) -> Iterator[Finding]:
    """After every call, a decision looks at `success`, and what was refused is written to a record or shown."""
    for flow, call in _calls(project):
        name = text(call, "name")
        decision = flow.elements.get(call.findtext("connector/targetReference") or "")
        if decision is None or f"{name}.200.success" not in texts(decision, "leftValueReference"):
            yield Finding(flow.name, f"nobody looks at whether {name} succeeded")
        elif f"{name}.200.errorMessage" not in _recorded(flow, decision.findtext("defaultConnector/targetReference")):
            yield Finding(flow.name, f"a refusal of {name} is not written to a record or shown")


def other_faults_are_handled(project: Project) -> Iterator[Finding]:
    """A failing query, update or action leads to an update that records the fault; only that update may have no path.

    The flow scanner has this rule, too, but looks only at what runs when the record is saved, not at scheduled paths.
    """
    for flow in project.flows:
        recorders = {one.findtext("faultConnector/targetReference") or "" for one in flow.elements.values()}
        for kind in ("actionCalls", "recordLookups", "recordUpdates"):
            for one in flow.root.findall(kind):
                if one.find("faultConnector") is None and text(one, "name") not in recorders and not is_call(one):
                    yield Finding(flow.name, f"{text(one, 'name')} has no fault connector")


def _calls(project: Project) -> Iterator[tuple[Flow, Element]]:
    return ((flow, call) for flow in project.flows for call in flow.calls)


def _if_taken(flow: Flow, project: Project, call: Element, name: str) -> tuple[str, ...]:
    """Return a name if the body of a call has such a property."""
    body = _kind(flow, project, _body(call))
    taken = body is not None and body.base == "class" and name in project.service.properties(body.of)
    return (name,) if taken else ()


def _assigned(flow: Flow, project: Project, body: str) -> set[str]:
    """Return the properties of a request that a flow assigns, or the flow that it has made the request."""
    first, _, output = body.partition(".")
    if output and first in {text(element, "name") for element in flow.called}:
        maker = project.flow(text(flow.elements[first], "flowName"))
        return _assigned(maker, project, output) if maker else set()
    places = (text(item, "assignToReference") for item in flow.root.iter("assignmentItems"))
    return {place.removeprefix(f"{body}.") for place in places if place.startswith(f"{body}.")}


def _body(call: Element) -> str:
    return call.findtext("inputParameters/value/elementReference") or ""


def _kind(flow: Flow, project: Project, reference: str) -> Kind | None:
    try:
        return References(flow, project).kind(reference)
    except Unknown:
        return None


def _recorded(flow: Flow, target: str | None) -> str:
    """What an update writes to Stigg Last Error, or a screen shows; empty if the element does neither."""
    update = flow.elements.get(target or "")
    if update is None:
        return ""
    if update.tag == "screens":
        return " ".join(texts(update, "fieldText"))
    for item in update.findall("inputAssignments"):
        if text(item, "field") == "Stigg_Last_Error__c":
            return _template(flow, item.findtext("value/elementReference") or "")
    return ""


def _template(flow: Flow, name: str) -> str:
    template = flow.resources.get(name)
    return text(template, "text") if template is not None else name
