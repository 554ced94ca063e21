"""Rules for the structure of files, from Salesforce's description of its metadata."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.metadata import Finding
from scripts.salesforce_checks.metadata_types import MetadataTypes
from scripts.salesforce_checks.project import Project

_LITERALS = {"boolean": re.compile(r"true|false"), "number": re.compile(r"-?\d+(\.\d+)?")}


def elements_are_known(project: Project, types: MetadataTypes) -> Iterator[Finding]:
    """Every element belongs to its type."""
    for where, element, of in _typed(project, types):
        for child in element:
            if child.tag not in types.members(of):
                yield Finding(where, f"{of} has no {child.tag}")


def elements_stand_in_order(project: Project, types: MetadataTypes) -> Iterator[Finding]:
    """Elements have the order in which an org writes them: inherited ones first, each group by name."""
    for where, element, of in _typed(project, types):
        order = list(types.members(of))
        known = [child.tag for child in element if child.tag in order]
        if known != sorted(known, key=order.index):
            yield Finding(where, f"the elements of {of} are not in order: {', '.join(dict.fromkeys(known))}")


def elements_come_as_often_as_they_may(project: Project, types: MetadataTypes) -> Iterator[Finding]:
    """Required elements exist, and single elements occur once."""
    for where, element, of in _typed(project, types):
        tags = [child.tag for child in element]
        for tag, member in types.members(of).items():
            if member.required and tag not in tags:
                yield Finding(where, f"{of} needs {tag}")
            if not member.many and tags.count(tag) > 1:
                yield Finding(where, f"{of} has {tag} more than once")


def values_are_allowed(project: Project, types: MetadataTypes) -> Iterator[Finding]:
    """Every value of an enumeration, flag or number is valid."""
    for where, element, of in _typed(project, types):
        for child in element:
            member = types.members(of).get(child.tag)
            if member and not _is_allowed(child.text or "", member.type, types):
                yield Finding(where, f"{child.tag} is {child.text!r}, which is no {member.type}")


def _is_allowed(value: str, of: str, types: MetadataTypes) -> bool:
    if of in _LITERALS:
        return bool(_LITERALS[of].fullmatch(value))
    return of not in types.enums or value in types.enums[of]


def _typed(project: Project, types: MetadataTypes) -> Iterator[tuple[str, Element, str]]:
    """Yield every element that has elements, with its type."""
    for component in project.components:
        waiting = [(component.root, component.type)]
        while waiting:
            element, of = waiting.pop()
            yield component.path.name, element, of
            members = types.members(of)
            waiting += [
                (child, members[child.tag].type)
                for child in element
                if child.tag in members and types.is_object(members[child.tag].type)
            ]
