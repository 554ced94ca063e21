"""Rules for what an admin owns: a deployment must not set it again."""

from collections.abc import Iterator

from scripts.salesforce_checks.metadata import Finding
from scripts.salesforce_checks.project import Project

_OWNED_BY_ADMINS = {
    "CustomApplication": "an app, with the admin's tabs",
    "GlobalValueSet": "values that other fields share",
    "Layout": "a page layout",
    "Profile": "a profile",
    "RecordType": "a record type",
    "StandardValueSet": "values of a standard picklist",
}
_SETTINGS = "Settings"
_OWN = ("__c", "__e")
_DATA = {".csv", ".json"}


def admins_keep_what_they_edit(project: Project) -> Iterator[Finding]:
    """No file holds what an admin edits in Setup, because a deployment would overwrite it."""
    for component in project.components:
        if what := _OWNED_BY_ADMINS.get(component.type):
            yield Finding(component.path.name, f"is {what}, which admins edit")
        elif component.type.endswith(_SETTINGS):
            yield Finding(component.path.name, "is a setting of the org, which admins edit")
    for name in project.named("CustomObject"):
        if not name.endswith(_OWN):
            yield Finding(name, "is a standard object, whose settings admins edit")
    for path in project.files:
        if path.suffix in _DATA:
            yield Finding(path.name, "holds records, which are data of the org")
