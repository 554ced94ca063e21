"""Write the permission set for admins from the one for users, with the registration:  make registration.

An admin has all that a user has, edits every field that is no formula, and reads and edits the records.
"""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement
from xml.sax.saxutils import escape

from local.stack.template import ROOT
from scripts.salesforce_checks.metadata import read, text
from scripts.salesforce_checks.rules_permissions import ADMIN, USER

SOURCE = ROOT / "salesforce/force-app/main/default"
_HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">"""
_LABEL = "Stigg Admin"
_DESCRIPTION = (
    "For those who set up and correct: all that Stigg User has, and the right to describe products, and to edit ids, "
    "results of the Flows and the records. A program writes it from Stigg User."
)
_OBJECTS = {
    "Account": {"allowEdit", "allowRead"},
    "Contract": {"allowEdit", "allowRead"},
    "Opportunity": {"allowEdit", "allowRead"},
    "Product2": {"allowCreate", "allowEdit", "allowRead"},
}
_RIGHTS = ("allowCreate", "allowDelete", "allowEdit", "allowRead", "modifyAllRecords")
_VIEWS = ("viewAllFields", "viewAllRecords")


def main() -> None:
    """Update the permission set."""
    path(ADMIN).write_text(of_admins(path(USER)))


def path(name: str) -> Path:
    """Return the file of a permission set."""
    return SOURCE / "permissionsets" / f"{name}.permissionset-meta.xml"


def of_admins(users: Path) -> str:
    """Return the permission set for admins, made from that of a file."""
    root = deepcopy(read(users).root)
    for tag, content in (("description", _DESCRIPTION), ("label", _LABEL)):
        next(root.iter(tag)).text = content
    for granted in root.findall("fieldPermissions"):
        next(granted.iter("editable")).text = "false" if _is_formula(text(granted, "field")) else "true"
    for granted in root.findall("objectPermissions"):
        if text(granted, "object") in _OBJECTS:
            root.remove(granted)
    root.extend(_of_object(name, rights) for name, rights in _OBJECTS.items())
    root[:] = sorted(root, key=_place)
    return "\n".join([_HEAD, *_lines(root)])


def _is_formula(field: str) -> bool:
    record, _, name = field.partition(".")
    return read(SOURCE / f"objects/{record}/fields/{name}.field-meta.xml").root.find("formula") is not None


def _of_object(name: str, rights: set[str]) -> Element:
    granted = Element("objectPermissions")
    for right in _RIGHTS:
        SubElement(granted, right).text = str(right in rights).lower()
    SubElement(granted, "object").text = name
    for view in _VIEWS:
        SubElement(granted, view).text = "false"
    return granted


def _place(granted: Element) -> tuple[str, str]:
    """Return where a grant stands: by its kind and, among objects, by name. Others keep their order."""
    return granted.tag, text(granted, "object")


def _lines(root: Element) -> Iterator[str]:
    for granted in root:
        if len(granted) == 0:
            yield f"    <{granted.tag}>{escape(granted.text or '')}</{granted.tag}>"
            continue
        yield f"    <{granted.tag}>"
        for part in granted:
            yield f"        <{part.tag}>{escape(part.text or '')}</{part.tag}>"
        yield f"    </{granted.tag}>"
    yield "</PermissionSet>\n"


if __name__ == "__main__":
    main()
