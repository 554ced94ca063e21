"""One interview of a Flow: the element that it stands at, and what its resources hold."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import Element

from local.salesforce_org.evaluation import Value, evaluate, text_of
from local.salesforce_org.records import Records, Row, combined, passes
from scripts.salesforce_checks import formulas
from scripts.salesforce_checks.flows import EACH_ITEM, OF_RECORD, Flow
from scripts.salesforce_checks.metadata import text, texts

SCREENS = "screens"
STOPS = ("actionCalls", "recordLookups", "recordUpdates", SCREENS, "subflows")
"""Elements at which the interviews of a transaction wait for each other, or for a user."""
type Globals = Callable[[str], Value]


class Fault(Exception):  # noqa: N818 - what Salesforce calls it
    """An element failed; the message is what `$Flow.FaultMessage` holds."""


@dataclass
class Interview:
    """An interview of a flow, for one record."""

    flow: Flow
    row: Row
    records: Records
    globals: Globals
    guid: str
    now: Callable[[], datetime]
    at: str | None = None
    fault: str = ""
    held: dict[str, Value] = field(default_factory=dict)
    """What variables, queries, actions and loops hold, by their names."""
    left: dict[str, list[Value]] = field(default_factory=dict)
    """What loops have yet to go through."""

    def run(self) -> None:
        """Go on until the interview is over, or waits at an element that works for all interviews at once."""
        while self.at is not None and self.element.tag not in STOPS:
            self.at = getattr(self, f"_{self.element.tag}")(self.element)

    @property
    def element(self) -> Element:
        """The element that the interview stands at."""
        return self.flow.elements[self.at or ""]

    def go_on(self) -> None:
        """Leave the element by its connector."""
        self.at = self.element.findtext("connector/targetReference")

    def fail(self, message: str) -> None:
        """Leave the element by its fault connector. Raises Fault where it has none."""
        target = self.element.findtext("faultConnector/targetReference")
        if target is None:
            raise Fault(f"{self.flow.name}, {self.at}: {message}")
        self.fault, self.at = message, target

    def value(self, holder: Element) -> Value:
        """Return what a `value` holds: a literal, or the value of a reference."""
        (content,) = list(holder)
        match content.tag, content.text or "":
            case "booleanValue", literal:
                return literal == "true"
            case "numberValue", literal:
                return float(literal)
            case "stringValue", literal:
                return literal
        return self.resolve(content.text or "")

    def resolve(self, reference: str) -> Value:
        """Return what a reference leads to; None where the way ends in a blank."""
        match reference:
            case "$Flow.FaultMessage":
                return self.fault
            case "$Flow.InterviewGuid":
                return self.guid
        if reference.startswith(OF_RECORD):
            return self.records.value(self.row, reference.removeprefix(OF_RECORD), self._today)
        if reference.startswith("$"):
            return self.globals(reference)
        first, *rest = reference.split(".")
        found = self._resource(first)
        for step in rest:
            found = None if found is None else found.get(step)
        return found

    def merged(self, template: str) -> str:
        """Return a text with the values of its merge fields."""
        for reference in formulas.merge_fields(template):
            template = template.replace(f"{{!{reference}}}", text_of(self.resolve(reference)))
        return template

    def holds(self, holder: Element) -> bool:
        """Whether the conditions of a rule hold."""
        passed = [
            passes(
                self.resolve(text(one, "leftValueReference")),
                text(one, "operator"),
                self.value(next(one.iter("rightValue"))),
            )
            for one in holder.findall("conditions")
        ]
        return combined(passed, text(holder, "conditionLogic"))

    def passes_rule(self, expression: str) -> bool:
        """Whether a formula is true."""
        return self._formula(expression) is True

    def filters(self, holder: Element) -> list[tuple[str, str, Value]]:
        """Return the filters of a query or update, with their values."""
        return [
            (text(one, "field"), text(one, "operator"), self.value(next(one.iter("value"))))
            for one in holder.findall("filters")
        ]

    @property
    def _today(self) -> date:
        return self.now().date()

    def _resource(self, name: str) -> Value:
        resource = self.flow.resources.get(name)
        if resource is None or name in self.held:
            return self.held.get(name)
        match resource.tag:
            case "formulas":
                return self._formula(text(resource, "expression"))
            case "textTemplates":
                return self.merged(text(resource, "text"))
        return [] if text(resource, "isCollection") == "true" else None

    def _formula(self, expression: str) -> Value:
        return evaluate(formulas.parse(expression), self.resolve, lambda _: False, self._today)

    def _assignments(self, element: Element) -> str | None:
        for item in element.findall("assignmentItems"):
            value = self.value(next(item.iter("value")))
            self._assign(text(item, "assignToReference"), value, is_added=text(item, "operator") == "Add")
        return element.findtext("connector/targetReference")

    def _assign(self, place: str, value: Value, *, is_added: bool) -> None:
        first, _, name = place.partition(".")
        if first == "$Record":
            self.row[name] = None if value == "" else value
        elif is_added:
            self._add(first, value)
        elif name:
            self.held.setdefault(first, {})[name] = value
        else:
            self.held[first] = value

    def _add(self, name: str, value: Value) -> None:
        """Add to a text, or to a list, which keeps what a variable holds now."""
        if text(self.flow.resources[name], "isCollection") == "true":
            added = value if isinstance(value, list) else [deepcopy(value)]
            self.held.setdefault(name, []).extend(added)
        else:
            self.held[name] = f"{text_of(self.held.get(name))}{text_of(value)}"

    def _decisions(self, element: Element) -> str | None:
        for rule in element.findall("rules"):
            if self.holds(rule):
                return rule.findtext("connector/targetReference")
        return element.findtext("defaultConnector/targetReference")

    def _loops(self, element: Element) -> str | None:
        name = text(element, "name")
        left = self.left.setdefault(name, list(self.resolve(text(element, "collectionReference")) or []))
        if not left:
            del self.left[name]
            return element.findtext("noMoreValuesConnector/targetReference")
        self.held[name] = left.pop(0)
        return element.findtext("nextValueConnector/targetReference")

    def _transforms(self, element: Element) -> str | None:
        (source,) = {name.split(EACH_ITEM)[0] for name in texts(element, "elementReference") if EACH_ITEM in name}
        self.held[text(element, "name")] = [self._transformed(element, source, item) for item in self.resolve(source)]
        return element.findtext("connector/targetReference")

    def _transformed(self, element: Element, source: str, item: dict[str, Any]) -> dict[str, Value]:
        made = {}
        for mapped in element.iter("transformValueActions"):
            holder = next(mapped.iter("value"))
            reference = holder.findtext("elementReference") or ""
            of_item = reference.removeprefix(f"{source}{EACH_ITEM}.")
            made[text(mapped, "outputFieldApiName")] = self.value(holder) if of_item == reference else item.get(of_item)
        return made
