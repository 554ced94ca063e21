"""Rules for the start of flows: users that they leave out, and the fields of new records."""

from collections.abc import Iterator

from scripts.salesforce_checks import formulas
from scripts.salesforce_checks.flows import OF_RECORD, Flow
from scripts.salesforce_checks.formulas import Call, Reference, Unreadable
from scripts.salesforce_checks.metadata import Component, Finding, text, texts
from scripts.salesforce_checks.project import Project

BYPASS = "Stigg_Bypass"
_LEFT_ALONE = Call("NOT", (Reference(f"$Permission.{BYPASS}"),))


def formulas_are_understood(project: Project) -> Iterator[Finding]:
    """Every formula can be parsed: its brackets close, and its functions are known and get their arguments."""
    written = [(flow.name, where, formula) for flow in project.flows for where, formula in flow.formulas]
    written += [(field.name, "formula", text(field.root, "formula")) for field in project.of("CustomField")]
    for name, where, formula in written:
        try:
            formulas.parse(formula or "NULL")
        except Unreadable as unreadable:
            yield Finding(name, f"{where}: {unreadable}")


def data_loads_can_pass_by(project: Project) -> Iterator[Finding]:
    """No flow starts when a user with the bypass permission saves. Only one permission set grants it.

    A flow that a user, a program or another flow starts does what it was started for. One that an event starts runs as
    the Automated Process user, which loads no data.
    """
    for flow in project.flows:
        if flow.is_started_by_records and _LEFT_ALONE not in _entry(flow):
            yield Finding(flow.name, f"starts for users with {BYPASS}, too")
    if BYPASS not in project.named("CustomPermission"):
        yield Finding(BYPASS, "is no custom permission")
    granting = [sets.name for sets in project.of("PermissionSet") if BYPASS in _custom_permissions(sets)]
    if granting != [BYPASS]:
        yield Finding(BYPASS, f"is granted by {granting}, not by a permission set of its own")


def results_are_emptied_in_new_records(project: Project) -> Iterator[Finding]:
    """A field that a flow writes is emptied before a new record is saved, because a clone has its origin's values."""
    emptied = {place for flow in project.flows for place in _emptied(flow)}
    written = {(record, field) for flow in project.flows for record, field, _ in flow.writes}
    for record, field in sorted(written - emptied):
        yield Finding(f"{record}.{field}", "is written by a flow, and a clone keeps it")


def new_records_alone_start_nothing(project: Project) -> Iterator[Finding]:
    """Flows only empty the fields of a new record, because every clone is a new record."""
    for flow in project.flows:
        for where, formula in flow.formulas:
            if "ISNEW" in formula.upper():
                yield Finding(flow.name, f"{where} asks whether the record is new")
        is_creation = text(flow.start, "recordTriggerType") == "Create"
        if is_creation and not flow.runs_before_save and len(_entry(flow)) == 1:
            yield Finding(flow.name, "starts for every new record")


def flows_before_the_save_change_their_record_alone(project: Project) -> Iterator[Finding]:
    """A flow that runs before its record is saved only assigns its fields."""
    for flow in project.flows:
        for name, element in flow.elements.items():
            if flow.runs_before_save and element.tag not in {"assignments", "decisions"}:
                yield Finding(flow.name, f"{name} does more than to assign, before the record is saved")
        for item in flow.root.iter("assignmentItems"):
            place = text(item, "assignToReference")
            if place.startswith(OF_RECORD) and not flow.runs_before_save:
                yield Finding(flow.name, f"assigns {place}, which no longer changes the record once it is saved")


def _entry(flow: Flow) -> tuple[formulas.Formula, ...]:
    """Return the entry conditions of a flow; empty if they cannot be parsed."""
    try:
        return formulas.conditions(formulas.parse(text(flow.start, "filterFormula")))
    except Unreadable:
        return ()


def _emptied(flow: Flow) -> Iterator[tuple[str, str]]:
    """Yield the fields that a flow empties in every new record."""
    starts_for_all_new = text(flow.start, "recordTriggerType") in {"Create", "CreateAndUpdate"}
    if not flow.runs_before_save or not starts_for_all_new or _entry(flow) != (_LEFT_ALONE,):
        return
    first = flow.elements.get(flow.entries[0].target) if flow.entries else None
    if first is not None and first.tag == "assignments":
        for item in first.findall("assignmentItems"):
            if _is_empty(flow, item.findtext("value/elementReference"), item.findtext("value/booleanValue")):
                yield flow.object, text(item, "assignToReference").removeprefix(OF_RECORD)


def _is_empty(flow: Flow, reference: str | None, flag: str | None) -> bool:
    """Whether a value is the empty text, false, or a variable that is never assigned."""
    given = {text(item, "assignToReference") for item in flow.root.iter("assignmentItems")}
    resource = flow.resources.get(reference or "")
    is_unset = resource is not None and resource.tag == "variables" and reference not in given
    return flag == "false" or reference == "$GlobalConstant.EmptyString" or is_unset


def _custom_permissions(permissions: Component) -> list[str]:
    return [name for granted in permissions.root.iter("customPermissions") for name in texts(granted, "name")]
