"""Rules between files: what one names, another has."""

import re
from collections.abc import Iterator

from scripts.openapi import registration
from scripts.openapi.registration import Registration
from scripts.openapi.uses import SERVICE
from scripts.salesforce_checks.metadata import SUFFIX, Component, Finding, Malformed, read, text, texts
from scripts.salesforce_checks.project import Project

_RECORD_ID = re.compile(r"\b(?=\w*\d)[0-9a-zA-Z]{15}(?:[A-Z0-5]{3})?\b")
_URL = re.compile(r"https?://\S+")
_PLACEHOLDER = re.compile(r"https://[a-z-]+\.invalid/v1")
_SUFFIXES = {
    "CustomField": "field",
    "CustomLabels": "labels",
    "CustomNotificationType": "notiftype",
    "CustomObject": "object",
    "PermissionSet": "permissionset",
}
_STATUS = "Stigg_Status__c"
_CODE = {".cls", ".trigger", ".js", ".page", ".component"}


def files_are_well_formed(project: Project) -> Iterator[Finding]:
    """Every file is well-formed metadata XML, named after its type."""
    for path in project.files:
        try:
            component = read(path)
        except Malformed as error:
            yield Finding(path.name, str(error))
            continue
        suffix = _SUFFIXES.get(component.type, component.type[0].lower() + component.type[1:])
        if not path.name.endswith(f".{suffix}{SUFFIX}"):
            yield Finding(path.name, f"holds a {component.type}, so its name must end with .{suffix}{SUFFIX}")


def there_is_no_code(project: Project) -> Iterator[Finding]:
    """There is no Apex and no component, and no flow calls one."""
    for path in project.files:
        if path.suffix in _CODE:
            yield Finding(path.name, "is code")
    for flow in project.flows:
        if "apex" in texts(flow.root, "actionType"):
            yield Finding(flow.name, "calls Apex")


def nothing_is_hard_coded(project: Project) -> Iterator[Finding]:
    """No file names a record id or an address, but for the one that the deployment replaces."""
    for component in project.components:
        for element in component.root.iter():
            if element.tag == "schema":
                continue  # the document, with its examples
            content = element.text or ""
            for found in [*_URL.findall(content), *_RECORD_ID.findall(content)]:
                if not _PLACEHOLDER.fullmatch(found):
                    yield Finding(component.path.name, f"<{element.tag}> names {found}")


def replacements_find_their_text(project: Project) -> Iterator[Finding]:
    """Every replacement of `sfdx-project.json` has a file that holds its text."""
    for replacement in project.configuration["replacements"]:
        path = project.folder / replacement["filename"]
        if not path.is_file() or replacement["stringToReplace"] not in path.read_text():
            yield Finding("sfdx-project.json", f"{replacement['stringToReplace']} is not in {replacement['filename']}")


def credentials_are_joined(project: Project) -> Iterator[Finding]:
    """Registration, Named Credential, External Credential and permission set name each other and the principal."""
    external, named = project.named("ExternalCredential"), project.named("NamedCredential")
    for credential in named.values():
        for name in texts(credential.root, "externalCredential"):
            if name not in external:
                yield Finding(credential.name, f"there is no External Credential {name}")
    for service in project.of("ExternalServiceRegistration"):
        if (name := text(service.root, "namedCredentialReference")) not in named:
            yield Finding(service.name, f"there is no Named Credential {name}")
    principals = {f"{one.name}-{name}" for one in external.values() for name in _principals(one)}
    for permissions in project.of("PermissionSet"):
        for principal in texts(permissions.root, "externalCredentialPrincipal"):
            if principal not in principals:
                yield Finding(permissions.name, f"there is no principal {principal}")


def fields_are_granted(project: Project) -> Iterator[Finding]:
    """A permission set that grants fields grants every field of the project, no other, and no formula for editing."""
    fields = {name: one for name, one in project.named("CustomField").items() if _record(name) not in project.settings}
    for permissions in project.of("PermissionSet"):
        granted = {text(one, "field"): one for one in permissions.root.findall("fieldPermissions")}
        if not granted:
            continue
        for name in sorted(granted.keys() ^ fields.keys()):
            yield Finding(permissions.name, f"{name} is {'no field' if name in granted else 'not granted'}")
        for name in sorted(granted.keys() & fields.keys()):
            if fields[name].root.find("formula") is not None and text(granted[name], "editable") == "true":
                yield Finding(permissions.name, f"{name} is a formula, which nobody can edit")


def registration_holds_the_document(project: Project) -> Iterator[Finding]:
    """The one External Service has the name that flows call, the published document, and all of its operations."""
    registrations = project.named("ExternalServiceRegistration")
    if list(registrations) != [SERVICE]:
        yield Finding(SERVICE, f"is not the one registration: {list(registrations)}")
    for name, component in registrations.items():
        for found in registration.check(Registration.read(component.path), project.service.document):
            yield Finding(name, f"{found}: make salesforce")


def statuses_agree(project: Project) -> Iterator[Finding]:
    """Stigg Status has the same values on every object, and flows and views name only those."""
    first, *others = [field for name, field in project.named("CustomField").items() if name.endswith(f".{_STATUS}")]
    known = _values(first)
    for field in others:
        if _values(field) != known:
            yield Finding(field.name, f"has other values than {first.name}")
    for component in project.components:
        for status in _named_statuses(component):
            if status not in known:
                yield Finding(component.path.name, f"{status} is no Stigg Status")


def _record(field: str) -> str:
    return field.partition(".")[0]


def _values(field: Component) -> list[str]:
    return [text(value, "fullName") for value in field.root.iter("value")]


def _named_statuses(component: Component) -> Iterator[str]:
    """Every status that a filter or an update of a flow or view names."""
    for holder in component.root.iter():
        if text(holder, "field") == _STATUS:
            named = holder.findtext("value/stringValue") or holder.findtext("value") or ""
            yield from (status for status in named.strip().split(",") if status)


def _principals(credential: Component) -> Iterator[str]:
    for parameter in credential.root.findall("externalCredentialParameters"):
        if text(parameter, "parameterType") == "NamedPrincipal":
            yield text(parameter, "parameterName")
