"""Find the lengths of the texts that Flows send and write, and of the fields for them."""

import re
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element

from scripts.openapi.reading import Node
from scripts.salesforce_checks.formulas import Reference, parse
from scripts.salesforce_checks.kinds import Kind
from scripts.salesforce_checks.metadata import text
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.standard_objects import LENGTHS

RECORD_ID = 18
URL = 255  # a field of type Url holds no more
_IDS_OF_SALESFORCE = re.compile(r"salesforce\w+Id")


@dataclass(frozen=True)
class Lengths:
    """The lengths of a project's fields and of the texts in its document."""

    project: Project

    def of_field(self, record: str, name: str) -> int | None:
        """Return the length of a field; None if it is not limited or not a text."""
        if name == "Id" or name.endswith("Id"):
            return RECORD_ID
        custom = self.project.named("CustomField").get(f"{record}.{name}")
        if custom is None:
            return LENGTHS.get(f"{record}.{name}")
        if custom.root.find("formula") is not None:
            return self._of_formula(record, text(custom.root, "formula"))
        match text(custom.root, "type"), custom.root.findtext("length"):
            case "Url", _:
                return URL
            case "Text" | "LongTextArea", str(length):
                return int(length)
        return None

    def of_request(self, schema: str, apex_name: str) -> int | None:
        """Return the length limit of a request property; None if it has none."""
        length = self._property(schema, apex_name).get("maxLength")
        return None if length is None else int(length)

    def of_answer(self, schema: str, apex_name: str) -> int:
        """Return the greatest length of an answer property.

        The document limits few of them. An id is as long as the ids in requests. Another text is as long as the request
        property of the same name, or else as the longest request property.
        """
        known = self._property(schema, apex_name)
        name = self.project.service.wire_names(schema)[apex_name]
        if "maxLength" in known:
            return int(known["maxLength"])
        if "enum" in known:
            return max(map(len, known["enum"]))
        if _IDS_OF_SALESFORCE.fullmatch(name):
            return RECORD_ID
        same = self._limits.get(name) or ([max(self._ids)] if name.endswith("Id") else None)
        return max(same or [max(map(max, self._limits.values()))])

    def literal(self, holder: Element) -> int | None:
        """Return the length of a literal text; None if it is not a text."""
        literal = holder.findtext("stringValue")
        return None if literal is None else len(literal)

    def _of_formula(self, record: str, formula: str) -> int | None:
        """Return the length of the field that a formula repeats; None for any other formula."""
        match parse(formula):
            case Reference(path):
                *parents, name = path.split(".")
                for parent in parents:
                    kind = self.project.field(record, parent)
                    record = kind.of if kind else ""
                return self.of_field(record, name)
        return None

    @cached_property
    def _limits(self) -> dict[str, list[int]]:
        """The limits of every property of the document, by its name in JSON."""
        limits: dict[str, list[int]] = {}
        for schema in self.project.service.document.named.values():
            for name, made in schema.get("properties", {}).items():
                if "maxLength" in made:
                    limits.setdefault(name, []).append(int(made["maxLength"]))
        return limits

    @property
    def _ids(self) -> list[int]:
        return [limit for name, limits in self._limits.items() if name.endswith("Id") for limit in limits]

    def _property(self, schema: str, apex_name: str) -> Node:
        name = self.project.service.wire_names(schema)[apex_name]
        return dict(self.project.service.document.named[schema]["properties"][name])


def is_answer(kind: Kind, project: Project) -> bool:
    """Whether an object of the API is an answer, which has ``success``."""
    return kind.base == "class" and "success" in project.service.properties(kind.of)
