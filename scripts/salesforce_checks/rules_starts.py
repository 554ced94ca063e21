"""Rules on how flows start: who is left alone, and what a new record begins with."""

from collections.abc import Iterator

from scripts.salesforce_checks import formulas
from scripts.salesforce_checks.flows import OF_RECORD, Flow
from scripts.salesforce_checks.formulas import Call, Reference, Unreadable
from scripts.salesforce_checks.metadata import Component, Finding, text, texts
from scripts.salesforce_checks.project import Project

BYPASS = "Stigg_Bypass"
_LEFT_ALONE = Call("NOT", (Reference(f"$Permission.{BYPASS}"),))


def formulas_are_understood(project: Project) -> Iterator[Finding]:
    """Every formula is one: its brackets close, its functions are known and get their arguments."""
    written = [(flow.name, where, formula) for flow in project.flows for where, formula in flow.formulas]
    written += [(one.name, "formula", text(one.root, "formula")) for one in project.of("CustomField")]
    for name, where, formula in written:
        try:
            formulas.parse(formula or "NULL")
        except Unreadable as unreadable:
            yield Finding(name, f"{where}: {unreadable}")


def data_loads_can_pass_by(project: Project) -> Iterator[Finding]:
    """No flow starts for what a user with the bypass permission saves; a permission set of its own grants that."""
    for flow in project.flows:
        if _LEFT_ALONE not in _entry(flow):
            yield Finding(flow.name, f"starts for users with {BYPASS}, too")
    if BYPASS not in project.named("CustomPermission"):
        yield Finding(BYPASS, "is no custom permission")
    granting = [one for one in project.of("PermissionSet") if BYPASS in _custom_permissions(one)]
    if [one.name for one in granting] != [BYPASS]:
        yield Finding(BYPASS, f"is granted by {[one.name for one in granting]}, not by a permission set of its own")


def results_are_emptied_in_new_records(project: Project) -> Iterator[Finding]:
    """Whatever a flow writes to a record is emptied before a new one is saved: a clone carries what its origin had."""
    emptied = {place for flow in project.flows for place in _emptied(flow)}
    written = {(record, field) for flow in project.flows for record, field, _ in flow.writes}
    for record, field in sorted(written - emptied):
        yield Finding(f"{record}.{field}", "is written by a flow, and a clone keeps it")


def new_records_alone_start_nothing(project: Project) -> Iterator[Finding]:
    """Flows empty a new record, and do no more because it is new: every clone is new, too."""
    for flow in project.flows:
        for where, formula in flow.formulas:
            if "ISNEW" in formula.upper():
                yield Finding(flow.name, f"{where} asks whether the record is new")
        is_creation = text(flow.start, "recordTriggerType") == "Create"
        if is_creation and not flow.runs_before_save and len(_entry(flow)) == 1:
            yield Finding(flow.name, "starts for every new record")


def flows_before_the_save_change_their_record_alone(project: Project) -> Iterator[Finding]:
    """A flow that runs before its record is saved only assigns fields of it."""
    for flow in project.flows:
        for name, element in flow.elements.items():
            if flow.runs_before_save and element.tag not in {"assignments", "decisions"}:
                yield Finding(flow.name, f"{name} does more than to assign, before the record is saved")
        for item in flow.root.iter("assignmentItems"):
            place = text(item, "assignToReference")
            if place.startswith(OF_RECORD) and not flow.runs_before_save:
                yield Finding(flow.name, f"assigns {place}, which no longer changes the record once it is saved")


def _entry(flow: Flow) -> tuple[formulas.Formula, ...]:
    """Return the conditions that have to hold for a flow to start; none where they are no formula."""
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
    """Whether a value is the empty text, false, or a variable that is never given one."""
    given = {text(item, "assignToReference") for item in flow.root.iter("assignmentItems")}
    resource = flow.resources.get(reference or "")
    is_unset = resource is not None and resource.tag == "variables" and reference not in given
    return flag == "false" or reference == "$GlobalConstant.EmptyString" or is_unset


def _custom_permissions(permissions: Component) -> list[str]:
    return [name for one in permissions.root.iter("customPermissions") for name in texts(one, "name")]
