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
    """A permission set that allows users to run flows with screens names all of them and no other flow."""
    names = {flow.name for flow in _with_screens(project)}
    granted = {sets.name: set(texts(sets.root, "flow")) for sets in project.of("PermissionSet")}
    for permissions, flows in granted.items():
        for name in sorted(flows - names):
            yield Finding(permissions, f"{name} is no flow with screens")
        for name in sorted(names - flows) if flows else ():
            yield Finding(permissions, f"does not run {name}")
    if names and not any(granted.values()):
        yield Finding(min(names), "may be run by no permission set")


def screens_write_what_users_edit(project: Project) -> Iterator[Finding]:
    """A flow with screens runs as its user, so it writes only what the permission sets that run it let users edit."""
    for permissions in project.of("PermissionSet"):
        run = {text(access, "flow") for access in permissions.root.findall("flowAccesses")}
        fields = permissions.root.findall("fieldPermissions")
        editable = {text(field, "field") for field in fields if text(field, "editable") == "true"}
        for flow in (flow for flow in _with_screens(project) if flow.name in run):
            for record, field, _ in flow.writes:
                if f"{record}.{field}" not in editable:
                    yield Finding(flow.name, f"writes {record}.{field}, which users of {permissions.name} cannot edit")


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
