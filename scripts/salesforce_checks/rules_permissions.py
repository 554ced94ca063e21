"""Rules for permission sets: users see every field and run every screen, and admins can do all that users can."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.metadata import Component, Finding, text, texts
from scripts.salesforce_checks.project import Project

USER, ADMIN = "Stigg_User", "Stigg_Admin"
_RUN_FLOWS = "RunFlow"
_EVENT, _OBJECT = "__e", "__c"
_NAMES = {
    "customPermissions": "name",
    "customSettingAccesses": "name",
    "externalCredentialPrincipalAccesses": "externalCredentialPrincipal",
    "fieldPermissions": "field",
    "flowAccesses": "flow",
    "objectPermissions": "object",
    "userPermissions": "name",
}
"""The grants of a permission set, and the element that names what each one grants."""


def fields_are_granted(project: Project) -> Iterator[Finding]:
    """Users and admins see every field of the project. No set grants another field, or a formula for editing."""
    fields = {name: field for name, field in project.named("CustomField").items() if _has_permissions(name, project)}
    for permissions in project.of("PermissionSet"):
        granted = _granted(permissions, "fieldPermissions")
        for name in sorted(granted.keys() - fields.keys()):
            yield Finding(permissions.name, f"{name} is no field")
        for name in sorted(fields.keys() - granted.keys() if permissions.name in {USER, ADMIN} else ()):
            yield Finding(permissions.name, f"{name} is not granted")
        for name in sorted(granted.keys() & fields.keys()):
            if fields[name].root.find("formula") is not None and _allows(granted[name], "editable"):
                yield Finding(permissions.name, f"{name} is a formula, which no user can edit")


def admins_can_do_what_users_can(project: Project) -> Iterator[Finding]:
    """The set for admins grants all that the set for users grants, so that an admin needs one set only."""
    sets = project.named("PermissionSet")
    for name in (USER, ADMIN):
        if name not in sets:
            yield Finding(name, "is no permission set")
            return
    for kind in _NAMES:
        held = _granted(sets[ADMIN], kind)
        for name, granted in sorted(_granted(sets[USER], kind).items()):
            lacking = _allowed(granted) - (_allowed(held[name]) if name in held else set())
            if lacking:
                yield Finding(ADMIN, f"lacks {', '.join(sorted(lacking))} of {name}, which {USER} has")


def flows_can_be_run(project: Project) -> Iterator[Finding]:
    """Users and admins can run Flows, and each Flow that is open to a permission set only."""
    reserved = [flow.name for flow in project.flows if _allows(flow.root, "isAdditionalPermissionRequiredToRun")]
    for name in (USER, ADMIN):
        permissions = project.named("PermissionSet").get(name)
        if permissions is None:
            continue  # admins_can_do_what_users_can reports it
        if _RUN_FLOWS not in _granted(permissions, "userPermissions"):
            yield Finding(name, f"does not grant {_RUN_FLOWS}")
        for flow in reserved:
            if flow not in _granted(permissions, "flowAccesses"):
                yield Finding(name, f"may not run {flow}")


def objects_are_granted(project: Project) -> Iterator[Finding]:
    """A permission set grants each object and platform event of the project that holds records."""
    granted = {name for sets in project.of("PermissionSet") for name in _granted(sets, "objectPermissions")}
    for name in sorted(project.named("CustomObject").keys() - project.settings - granted):
        if name.endswith((_OBJECT, _EVENT)):
            yield Finding(name, "is granted by no permission set")


def _has_permissions(field: str, project: Project) -> bool:
    """Whether permission sets grant a field: settings and platform events have no field permissions."""
    record = field.partition(".")[0]
    return record not in project.settings and not record.endswith(_EVENT)


def _granted(permissions: Component, kind: str) -> dict[str, Element]:
    """Return the grants of one kind, by the name of what they grant."""
    return {text(granted, _NAMES[kind]): granted for granted in permissions.root.findall(kind)}


def _allowed(granted: Element) -> set[str]:
    return {flag.tag for flag in granted if flag.text == "true"}


def _allows(holder: Element, flag: str) -> bool:
    return "true" in texts(holder, flag)
