"""Rules for flows with screens: users can open them and see why something failed, and their calls are allowed."""

from collections.abc import Iterator

from scripts.salesforce_checks.flows import Flow, is_call
from scripts.salesforce_checks.metadata import Finding, text, texts
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.rules_calls import CALLOUT_SECONDS, CALLOUTS, LONGEST_CALL_SECONDS

STANDARD_FIELDS = {"DisplayText", "DropdownBox", "InputField", "RadioButtons"}
"""Components that every org has, and that show and take texts, numbers, dates, flags and choices."""
_REMEDY = "What to do:"
_FAILURES = ("$Flow.FaultMessage", ".errorMessage", ".problem")


def screens_have_a_button(project: Project) -> Iterator[Finding]:
    """A quick action opens each flow with screens, and gives it the record that the user looks at."""
    opened = {text(action.root, "flowDefinition"): action for action in project.of("QuickAction")}
    flows = {flow.name: flow for flow in _with_screens(project)}
    for name in sorted(opened.keys() - flows.keys()):
        yield Finding(opened[name].name, f"opens {name}, which is no flow with screens")
    for name in sorted(flows.keys() - opened.keys()):
        yield Finding(name, "has screens, and no quick action opens it")
    for flow in flows.values():
        if not _takes_a_record(flow):
            yield Finding(flow.name, "has no input recordId, in which a quick action gives the record's id")


def users_may_run_screens(project: Project) -> Iterator[Finding]:
    """A permission set allows users to run each flow with screens, and names no other flow."""
    names = {flow.name for flow in _with_screens(project)}
    granted = {
        text(access, "flow")
        for permissions in project.of("PermissionSet")
        for access in permissions.root.findall("flowAccesses")
        if text(access, "enabled") == "true"
    }
    for name in sorted(names ^ granted):
        yield Finding(name, "may be run by no permission set" if name in names else "is no flow with screens")


def screens_write_what_users_edit(project: Project) -> Iterator[Finding]:
    """A flow with screens runs as its user, so it writes only fields that a permission set lets users edit."""
    editable = {
        text(field, "field")
        for permissions in project.of("PermissionSet")
        for field in permissions.root.findall("fieldPermissions")
        if text(field, "editable") == "true"
    }
    for flow in _with_screens(project):
        for record, field, _ in flow.writes:
            if f"{record}.{field}" not in editable:
                yield Finding(flow.name, f"writes {record}.{field}, which its users cannot edit")


def screens_have_standard_fields(project: Project) -> Iterator[Finding]:
    """Screens consist of components that every org has, and the choices of their fields exist."""
    for flow in _with_screens(project):
        for field in flow.root.findall("screens/fields"):
            if text(field, "fieldType") not in STANDARD_FIELDS:
                yield Finding(flow.name, f"{text(field, 'name')} is a {text(field, 'fieldType')}")
            for name in [*texts(field, "choiceReferences"), *texts(field, "defaultSelectedChoiceReference")]:
                if name not in flow.resources or "hoice" not in flow.resources[name].tag:
                    yield Finding(flow.name, f"{text(field, 'name')} offers {name}, which is no choice")


def failures_say_what_to_do(project: Project) -> Iterator[Finding]:
    """A screen that says what failed also says what to do."""
    for flow in _with_screens(project):
        for screen in flow.root.findall("screens"):
            shown = " ".join(texts(screen, "fieldText"))
            if any(failure in shown for failure in _FAILURES) and _REMEDY not in shown:
                yield Finding(flow.name, f"{text(screen, 'name')} does not say what to do")


def calls_between_screens_are_few(project: Project) -> Iterator[Finding]:
    """What runs between two screens keeps within the limits of a transaction, however long its calls take."""
    for flow in _with_screens(project):
        starts = [entry.target for entry in flow.entries]
        starts += [target for screen in flow.root.findall("screens") for target in flow.next(text(screen, "name"))]
        for start in sorted(set(starts)):
            calls = sum(is_call(flow.elements[name]) for name in flow.in_transaction(start))
            if calls > CALLOUTS or calls * LONGEST_CALL_SECONDS > CALLOUT_SECONDS:
                yield Finding(flow.name, f"{calls} calls from {start} on can exceed the limits of a transaction")


def _with_screens(project: Project) -> list[Flow]:
    return [flow for flow in project.flows if flow.has_screens]


def _takes_a_record(flow: Flow) -> bool:
    record = flow.resources.get("recordId")
    return record is not None and (text(record, "dataType"), text(record, "isInput")) == ("String", "true")
