"""What the Salesforce project in `salesforce/` deploys, as far as the set-up has to know it."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

FOLDER = Path(__file__).parents[2] / "salesforce"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
SETTINGS = "Stigg_Settings__c"


class Field(NamedTuple):
    """A custom field of the project."""

    record: str
    name: str
    label: str
    kind: str
    length: int | None


def api_version(folder: Path = FOLDER) -> str:
    """Return the version of Salesforce's API that the project is written for."""
    return str(json.loads((folder / "sfdx-project.json").read_text())["sourceApiVersion"])


@cache
def fields(folder: Path = FOLDER) -> tuple[Field, ...]:
    """Return every custom field, ordered by object and name."""
    return tuple(_field(path) for path in sorted(folder.rglob("objects/*/fields/*.field-meta.xml")))


def flows(folder: Path = FOLDER) -> list[str]:
    """Return the names of the Flows."""
    return sorted(path.name.partition(".")[0] for path in folder.rglob("flows/*.flow-meta.xml"))


@cache
def buttons(record: str, folder: Path = FOLDER) -> dict[str, str]:
    """Return the labels of an object's quick actions, which open the screens, by full name."""
    paths = sorted(folder.rglob(f"quickActions/{record}.*.quickAction-meta.xml"))
    return {path.name.removesuffix(".quickAction-meta.xml"): _text(path, "label") for path in paths}


def permission_sets(folder: Path = FOLDER) -> list[str]:
    """Return the names of the permission sets of people: those that let their users call the stack."""
    paths = folder.rglob("permissionsets/*.permissionset-meta.xml")
    calling = (path for path in paths if [*_elements(path, "externalCredentialPrincipalAccesses")])
    return sorted(path.name.partition(".")[0] for path in calling)


def sets_of_users(names: Sequence[str]) -> list[str]:
    """Return the permission sets of those who sell; those of administrators end with `_Admin`."""
    return [name for name in names if not name.endswith("_Admin")]


def sets_of_administrators(names: Sequence[str]) -> list[str]:
    """Return the permission sets of those who set up: those for administrators, or all if there are none."""
    return [name for name in names if name.endswith("_Admin")] or list(names)


@cache
def editable(folder: Path = FOLDER) -> set[str]:
    """Return the fields that a permission set lets its users edit, as `Object.Field`."""
    return {
        str(granted.findtext(_tag("field")))
        for path in folder.rglob("*.permissionset-meta.xml")
        for granted in _elements(path, "fieldPermissions")
        if granted.findtext(_tag("editable")) == "true"
    }


def _field(path: Path) -> Field:
    root = ET.parse(path).getroot()  # noqa: S314 - our own file
    length = root.findtext(_tag("length"))
    return Field(
        path.parents[1].name,
        str(root.findtext(_tag("fullName"))),
        str(root.findtext(_tag("label"))),
        str(root.findtext(_tag("type"))),
        int(length) if length else None,
    )


def _text(path: Path, name: str) -> str:
    return next(str(element.text) for element in _elements(path, name))


def _elements(path: Path, name: str) -> Iterator[ET.Element]:
    return ET.parse(path).getroot().iter(_tag(name))  # noqa: S314 - our own file


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
