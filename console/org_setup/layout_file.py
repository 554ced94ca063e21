"""A page layout in Salesforce's metadata format."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement
from xml.sax.saxutils import escape

from console.org_setup.project import NAMESPACE, Field

SECTION = "Stigg"
_SECTION = f"{{{NAMESPACE}}}layoutSections"
_FIELD = f"{{{NAMESPACE}}}field"
_ACTION = f"{{{NAMESPACE}}}actionName"


class LayoutFile:
    """A layout that was retrieved: the file's name is the layout's full name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.full_name = path.stem
        ET.register_namespace("", NAMESPACE)
        self._tree = ET.parse(path)  # noqa: S314 - of the user's own org

    @property
    def record(self) -> str:
        """The object whose records it shows."""
        return self.full_name.partition("-")[0]

    @property
    def name(self) -> str:
        """The name as people read it."""
        return unquote(self.full_name)

    @property
    def escaped_name(self) -> str:
        """The full name as a text of XML."""
        return escape(self.full_name)

    @cached_property
    def fields(self) -> set[str]:
        """The fields that it shows."""
        return {str(item.text) for section in self._sections for item in section.iter(_FIELD)}

    @cached_property
    def actions(self) -> set[str]:
        """The actions that it offers, by full name; empty where it offers those that Salesforce chooses."""
        return {str(item.text) for item in self._tree.getroot().iter(_ACTION)}

    @property
    def _sections(self) -> list[Element]:
        return self._tree.getroot().findall(_SECTION)

    def add_section(self, fields: Sequence[Field], editable: set[str]) -> bool:
        """Add a section with the fields behind the first one, and write the file, unless it shows any of them."""
        if self.fields & {field.name for field in fields}:
            return False
        root = self._tree.getroot()
        children = list(root)
        place = children.index(self._sections[0]) + 1 if self._sections else len(children)
        root.insert(place, _section(fields, editable))
        self._tree.write(self.path, encoding="UTF-8", xml_declaration=True)
        return True


def _section(fields: Sequence[Field], editable: set[str]) -> Element:
    section = Element(_SECTION)
    _add(section, customLabel="true", detailHeading="true", editHeading="true", label=SECTION)
    half = (len(fields) + 1) // 2
    for column in (fields[:half], fields[half:]):
        columns = SubElement(section, f"{{{NAMESPACE}}}layoutColumns")
        for field in column:
            behavior = "Edit" if f"{field.record}.{field.name}" in editable else "Readonly"
            _add(SubElement(columns, f"{{{NAMESPACE}}}layoutItems"), behavior=behavior, field=field.name)
    _add(section, style="TwoColumnsTopToBottom")
    return section


def _add(parent: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, f"{{{NAMESPACE}}}{name}").text = text
