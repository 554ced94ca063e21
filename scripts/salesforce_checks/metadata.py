"""Read Salesforce metadata files."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
SUFFIX = "-meta.xml"


@dataclass(frozen=True)
class Finding:
    """A problem and its place."""

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@dataclass(frozen=True)
class Component:
    """One metadata file: its type (`Flow`), its full name (`Opportunity.Stigg_Status__c`) and its tree."""

    type: str
    name: str
    path: Path
    root: Element


class Malformed(Exception):  # noqa: N818 - describes the file
    """The file is not well-formed metadata XML. The message gives the reason."""


def read(path: Path) -> Component:
    """Read one file, its tags without their namespace; raise `Malformed`."""
    root = _tree(path.read_bytes())
    return Component(root.tag, _full_name(path), path, root)


def text(element: Element, tag: str) -> str:
    """Return the text of a child; empty if there is none."""
    return element.findtext(tag) or ""


def texts(element: Element, tag: str) -> Iterator[str]:
    """Return the texts of all descendants with a tag."""
    return (descendant.text or "" for descendant in element.iter(tag))


@cache  # nothing changes a tree, and most files of a project's many copies in tests are the same
def _tree(content: bytes) -> Element:
    try:
        root = fromstring(content)  # noqa: S314 - the files are the project's own
    except ParseError as error:
        raise Malformed(str(error)) from error
    for element in root.iter():
        if not element.tag.startswith(NAMESPACE):
            raise Malformed(f"{element.tag} is not in the namespace of Salesforce's metadata")
        element.tag = element.tag.removeprefix(NAMESPACE)
    return root


def _full_name(path: Path) -> str:
    if path.parent.name == "quickActions":
        return path.name.removesuffix(f".quickAction{SUFFIX}")
    name = path.name.split(".")[0]
    return f"{path.parents[1].name}.{name}" if path.parent.name in {"fields", "listViews"} else name
