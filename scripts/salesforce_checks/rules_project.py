"""Rules between files: what one names, another has."""

from collections.abc import Iterator

from scripts.salesforce_checks.metadata import SUFFIX, Component, Finding, Malformed, read, text, texts
from scripts.salesforce_checks.project import Project

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
    """There is no Apex and no component."""
    for path in project.files:
        if path.suffix in _CODE:
            yield Finding(path.name, "is code")


def replacements_find_their_text(project: Project) -> Iterator[Finding]:
    """Every replacement of `sfdx-project.json` has a file that holds its text."""
    for replacement in project.configuration["replacements"]:
        path = project.folder / replacement["filename"]
        if not path.is_file() or replacement["stringToReplace"] not in path.read_text():
            yield Finding("sfdx-project.json", f"{replacement['stringToReplace']} is not in {replacement['filename']}")


def package_is_defined(project: Project) -> Iterator[Finding]:
    """The source is a package whose next version is the one of the document, built as its definition file says."""
    wanted = f"{project.service.document.content['info']['version']}.NEXT"
    for directory in project.configuration["packageDirectories"]:
        if directory.get("versionNumber") != wanted:
            yield Finding("sfdx-project.json", f"versionNumber is {directory.get('versionNumber')}, not {wanted}")
        if not (project.folder / directory.get("definitionFile", "-")).is_file():
            yield Finding("sfdx-project.json", f"there is no {directory.get('definitionFile')}")


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


def statuses_agree(project: Project) -> Iterator[Finding]:
    """Stigg Status has the same values on every object, and flows, views and reports name only those."""
    first, *others = [field for name, field in project.named("CustomField").items() if name.endswith(f".{_STATUS}")]
    known = _values(first)
    for field in others:
        if _values(field) != known:
            yield Finding(field.name, f"has other values than {first.name}")
    for component in project.components:
        for status in _named_statuses(component):
            if status not in known:
                yield Finding(component.path.name, f"{status} is no Stigg Status")


def _values(field: Component) -> list[str]:
    return [text(value, "fullName") for value in field.root.iter("value")]


def _named_statuses(component: Component) -> Iterator[str]:
    """Every status that a filter or an update of a flow, view or report names."""
    for holder in component.root.iter():
        place = text(holder, "field") or text(holder, "column")
        if place.rpartition("$")[2] == _STATUS:
            named = holder.findtext("value/stringValue") or holder.findtext("value") or ""
            yield from (status for status in named.strip().split(",") if status)


def _principals(credential: Component) -> Iterator[str]:
    for parameter in credential.root.findall("externalCredentialParameters"):
        if text(parameter, "parameterType") == "NamedPrincipal":
            yield text(parameter, "parameterName")
