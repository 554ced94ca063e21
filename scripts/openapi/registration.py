"""The External Service registration: a document as Salesforce is given it, in a file of a Salesforce DX project."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree as ET

from scripts.openapi.findings import Finding, Found
from scripts.openapi.reading import Document

LONGEST_NAME = 80
_SPACE = "{http://soap.sforce.com/2006/04/metadata}"
_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|_(?!_|$))*")


@dataclass(frozen=True)
class Registration:
    """A registration, by the name and the text of its file."""

    name: str
    text: str

    @classmethod
    def read(cls, path: Path) -> "Registration":
        """Read a file such as `StiggActions.externalServiceRegistration-meta.xml`."""
        return cls(path.name.partition(".")[0], path.read_text())

    @cached_property
    def operations(self) -> set[str]:
        """The operations that it offers to Flows."""
        return {name.text or "" for name in self._root.iterfind(f"{_SPACE}operations/{_SPACE}name")}

    @cached_property
    def schema(self) -> str:
        """The text of the document in it."""
        return self._root.findtext(f"{_SPACE}schema", "")

    @cached_property
    def _root(self) -> ET.Element:
        return ET.fromstring(self.text)  # noqa: S314 - a file of this project


def operations(registration: Registration, document: Document) -> Iterator[Found]:
    """ES27: it offers every operation of the document, named in lower case, and no other."""
    known = {operation.id.lower() for operation in document.operations}
    for name in sorted(registration.operations - known):
        yield name, "is offered, but the document has no such operation"
    for name in sorted(known - registration.operations):
        yield name, "is not offered"


def schema(registration: Registration, document: Document) -> Iterator[Found]:
    """ES27: it holds the document that is published."""
    if registration.schema.strip() != document.text.strip():
        yield "schema", "is not the text of the published document"


def name(registration: Registration, _: Document) -> Iterator[Found]:
    """ES28: its name can be part of the names of Apex classes."""
    if not _NAME.fullmatch(registration.name) or len(registration.name) > LONGEST_NAME:
        yield registration.name, "is no name of a service: letters and digits, single underscores between, up to 80"


RULES: tuple[tuple[str, Callable[[Registration, Document], Iterator[Found]]], ...] = (
    ("ES27", operations),
    ("ES27", schema),
    ("ES28", name),
)


def check(registration: Registration, document: Document) -> list[Finding]:
    """Return what is wrong with a registration of a document."""
    return [
        Finding(rule, "error", f"registration {where}", problem)
        for rule, breaches in RULES
        for where, problem in breaches(registration, document)
    ]
