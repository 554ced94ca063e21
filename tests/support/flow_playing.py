"""The requests that a flow sends, filled from a sample of the records that it would find.

This is no interpreter of flows: the sample says which assignments are skipped, and what formulas and loops give. What
is read from the flow is what it puts where, and what it reads of an answer.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.flows import EACH_ITEM, Flow
from scripts.salesforce_checks.metadata import text, texts
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.references import References

ORGANIZATION = "00D000000000001"  # as a flow sees it: 15 characters
INTERVIEW = "6f1c2e0d9b8a7c6d5e4f3a2b1c0d-18e9f3a2b4c"
_GLOBALS = {"$Organization.Id": ORGANIZATION, "$Flow.InterviewGuid": INTERVIEW, "$GlobalConstant.EmptyString": ""}


@dataclass(frozen=True)
class Sample:
    """What a flow would find in an org, and what is to become of its last call."""

    name: str
    before: list[dict[str, Any]]
    record: dict[str, Any]
    expected: dict[str, Any]
    queries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    formulas: dict[str, Any] = field(default_factory=dict)
    loops: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.name


def samples(folder: Path, flow: str) -> list[Sample]:
    """The samples of one flow: `<flow>.<case>.json`."""
    paths = sorted(folder.glob(f"{flow}.*.json"))
    return [Sample(name=path.stem, **json.loads(path.read_text())) for path in paths]


@dataclass(frozen=True)
class Playing:
    """One flow of a project, over one sample."""

    project: Project
    flow: Flow
    sample: Sample

    def requests(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every call of the flow in order: its name, the action, and the body that it sends."""
        for call in sorted(self.flow.calls, key=lambda one: -len(self.flow.reachable(text(one, "name")))):
            operation = text(call, "actionName").rpartition(".")[2]
            body = call.findtext("inputParameters/value/elementReference") or ""
            action = self.project.service.operations[operation].where.rpartition("/")[2]
            yield text(call, "name"), action, self._object(body)

    def reads(self, call: str) -> set[str]:
        """The properties of a call's successful or refused answer that the flow reads."""
        prefix = f"{call}.200."
        return {name.removeprefix(prefix) for name in self.flow.references if name.startswith(prefix)}

    def _object(self, variable: str) -> dict[str, Any]:
        """An Apex-defined variable, as the assignments fill it, by its names in JSON."""
        filled: dict[str, Any] = {}
        for name, item in self._assigned(variable):
            place = text(item, "assignToReference").removeprefix(f"{variable}.")
            filled[place] = self._value(next(item.iter("value")), name)
        return self._on_the_wire(variable, filled)

    def _list(self, variable: str) -> list[Any]:
        """A collection variable: everything that is added to it."""
        added: list[Any] = []
        for name, item in self._assigned(variable):
            value = self._value(next(item.iter("value")), name)
            added += value if isinstance(value, list) else [value]
        return added

    def _assigned(self, variable: str) -> Iterator[tuple[str, Element]]:
        for element in self.flow.root.findall("assignments"):
            name = text(element, "name")
            for item in element.findall("assignmentItems"):
                if text(item, "assignToReference").split(".")[0] == variable and name not in self.sample.skipped:
                    yield name, item

    def _value(self, holder: Element, assignment: str) -> Any:  # noqa: ANN401 - any JSON
        (content,) = list(holder)
        match content.tag, content.text or "":
            case "booleanValue", literal:
                return literal == "true"
            case "numberValue", literal:
                return float(literal)
            case "stringValue", literal:
                return literal
            case _, reference:
                return self._referred(reference, assignment)

    def _referred(self, reference: str, assignment: str) -> Any:  # noqa: ANN401 - any JSON
        first, *rest = reference.split(".")
        if reference in _GLOBALS:
            return _GLOBALS[reference]
        if first == "$Label":
            return self._label(rest[0])
        if first == "$Record":
            return _inside(self.sample.record, rest)
        return self._of_element(first, rest, assignment)

    def _of_element(self, name: str, rest: list[str], assignment: str) -> Any:  # noqa: ANN401 - any JSON
        element = self.flow.elements.get(name, self.flow.resources.get(name))
        assert element is not None
        match element.tag:
            case "formulas":
                return self.sample.formulas[name]
            case "recordLookups":
                return _inside(next(iter(self.sample.queries[name]), {}), rest)
            case "loops":
                return [_inside(row, rest) for row in self.sample.loops[assignment]]
            case "transforms":
                return self._transformed(element)
            case "variables" if text(element, "isCollection") == "true":
                return self._list(name)
        return self._object(name)

    def _transformed(self, transform: Element) -> list[dict[str, Any]]:
        """What a transform makes of the rows that it is given: one object each."""
        (source,) = {name.split(EACH_ITEM)[0] for name in texts(transform, "elementReference") if EACH_ITEM in name}
        return [
            self._on_the_wire(
                text(transform, "name"),
                {
                    text(item, "outputFieldApiName"): self._mapped(next(item.iter("value")), row)
                    for item in transform.iter("transformValueActions")
                },
            )
            for row in self.sample.queries[source]
        ]

    def _mapped(self, holder: Element, row: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        _, each, place = (holder.findtext("elementReference") or "").partition(EACH_ITEM)
        return row.get(place.removeprefix(".")) if each else self._value(holder, "")

    def _on_the_wire(self, name: str, filled: dict[str, Any]) -> dict[str, Any]:
        names = self.project.service.wire_names(References(self.flow, self.project).kind(name).of)
        return {names[place]: value for place, value in filled.items()}

    def _label(self, name: str) -> str:
        labels = next(iter(self.project.of("CustomLabels"))).root
        return next(text(label, "value") for label in labels if text(label, "fullName") == name)


def _inside(record: dict[str, Any], path: list[str]) -> Any:  # noqa: ANN401 - any JSON
    """A field of a record or of its parents; an empty one is null."""
    found: Any = record
    for step in path:
        found = (found or {}).get(step)
    return found
