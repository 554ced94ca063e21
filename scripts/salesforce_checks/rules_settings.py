"""Rules for settings of an admin: they are read and explained, and no deployment resets them."""

from collections.abc import Iterator

from scripts.salesforce_checks.metadata import Component, Finding, text, texts
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.rules_permissions import USER

LONGEST_HELP = 510  # characters of a field's help text
_VALUES = {"CustomLabels": "labels", "CustomMetadata": "records of custom metadata"}


def no_deployment_resets_a_setting(project: Project) -> Iterator[Finding]:
    """Values that an admin edits are data: no labels or records with values, no settings or picklists with defaults."""
    for kind, what in _VALUES.items():
        for component in project.of(kind):
            yield Finding(component.path.name, f"has {what}, which each deployment sets again")
    for field in project.of("CustomField"):
        record = field.name.partition(".")[0]
        if text(field.root, "type") != "Checkbox" and field.root.find("defaultValue") is not None:
            yield Finding(field.name, "has a default value, which each deployment sets again")
        if "true" in texts(field.root, "default"):
            yield Finding(field.name, "has a default value; older records and some record types have none")
        is_ticked_by_users = text(field.root, "type") == "Checkbox" and field.root.find("formula") is None
        if is_ticked_by_users and text(field.root, "defaultValue") != "false":
            yield Finding(field.name, f"is ticked in new records of {record}, and not in older ones")


def settings_are_read(project: Project) -> Iterator[Finding]:
    """Custom settings are hierarchies that flows can read, users may read them, and each one is read."""
    read = {reference for flow in project.flows for reference in flow.references}
    shown = "".join(text(field.root, "formula") for field in project.of("CustomField"))
    opened = {
        text(access, "name")
        for permissions in project.of("PermissionSet")
        if permissions.name == USER
        for access in permissions.root.iter("customSettingAccesses")
    }
    for name in sorted(project.settings):
        component = project.named("CustomObject")[name]
        if (text(component.root, "customSettingsType"), text(component.root, "visibility")) != ("Hierarchy", "Public"):
            yield Finding(name, "is no public hierarchy, so that flows cannot read it")
        if name not in opened:
            yield Finding(name, f"is not opened by {USER}")
        for field in _fields(project, name):
            if f"$Setup.{field.name}" not in read and f"$Setup.{field.name}" not in shown:
                yield Finding(field.name, "is read by no flow")


def fields_are_explained(project: Project) -> Iterator[Finding]:
    """Every field has a description for admins and a help text for users that is not too long."""
    for field in project.of("CustomField"):
        help_text = text(field.root, "inlineHelpText")
        if not help_text or not text(field.root, "description"):
            yield Finding(field.name, "has no help text or no description")
        if len(help_text) > LONGEST_HELP:
            yield Finding(field.name, f"has a help text of {len(help_text)} characters; {LONGEST_HELP} is the most")


def _fields(project: Project, record: str) -> Iterator[Component]:
    return (field for field in project.of("CustomField") if field.name.startswith(f"{record}."))
