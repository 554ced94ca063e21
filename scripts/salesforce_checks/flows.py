"""Read a flow: its elements, their connections, its starts and its references."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.formulas import merge_fields
from scripts.salesforce_checks.metadata import Component, text

EACH_ITEM = "[$EachItem]"
OF_RECORD = "$Record."
ELEMENTS = (
    "actionCalls",
    "assignments",
    "decisions",
    "loops",
    "recordLookups",
    "recordUpdates",
    "screens",
    "subflows",
    "transforms",
)
RESOURCES = ("choices", "dynamicChoiceSets", "formulas", "textTemplates", "variables")
_REFERENCES = (
    "assignToReference",
    "collectionReference",
    "elementReference",
    "inputReference",
    "leftValueReference",
)
_TEXTS = ("expression", "fieldText", "filterFormula", "formulaExpression", "interviewLabel", "text")


@dataclass(frozen=True)
class Entry:
    """A start of a flow: its first element, and the scheduled path or None for the time of saving."""

    target: str
    path: Element | None = None


@dataclass(frozen=True)
class Flow:
    """A flow, read from its file."""

    component: Component

    @property
    def name(self) -> str:
        """The API name."""
        return self.component.name

    @property
    def root(self) -> Element:
        """The root element."""
        return self.component.root

    @cached_property
    def elements(self) -> dict[str, Element]:
        """The elements that can be connected, by name."""
        return {text(element, "name"): element for kind in ELEMENTS for element in self.root.findall(kind)}

    @cached_property
    def resources(self) -> dict[str, Element]:
        """Variables, formulas, text templates, choices and the fields of screens, by name."""
        found = [resource for kind in RESOURCES for resource in self.root.findall(kind)]
        return {text(resource, "name"): resource for resource in [*found, *self.root.findall("screens/fields")]}

    @property
    def has_screens(self) -> bool:
        """Whether a user runs it, screen by screen."""
        return text(self.root, "processType") == "Flow"

    @property
    def start(self) -> Element:
        """The start element."""
        return next(self.root.iter("start"))

    @property
    def object(self) -> str:
        """The object whose records start it."""
        return text(self.start, "object")

    @property
    def is_started_by_records(self) -> bool:
        """Whether it starts when a record is saved, not by another flow, a user or an event."""
        return text(self.start, "triggerType") in {"RecordAfterSave", "RecordBeforeSave"}

    @property
    def outputs(self) -> list[str]:
        """The variables that a flow which calls it can read."""
        return self._variables("isOutput")

    @property
    def inputs(self) -> list[str]:
        """The variables that a flow which calls it can fill."""
        return self._variables("isInput")

    @property
    def called(self) -> list[Element]:
        """The elements that call another flow."""
        return self.root.findall("subflows")

    @property
    def runs_before_save(self) -> bool:
        """Whether it runs before its record is saved and can only change that record."""
        return text(self.start, "triggerType") == "RecordBeforeSave"

    @property
    def follows_events(self) -> bool:
        """Whether a platform event starts it, and no record that a user saves."""
        return text(self.start, "triggerType") == "PlatformEvent"

    @property
    def calls(self) -> list[Element]:
        """The calls of external services."""
        return [action for action in self.root.findall("actionCalls") if is_call(action)]

    @property
    def formulas(self) -> Iterator[tuple[str, str]]:
        """Every formula, with its place: a resource's name, or `entry conditions`."""
        for formula in self.root.findall("formulas"):
            yield text(formula, "name"), text(formula, "expression")
        if entry := text(self.start, "filterFormula"):
            yield "entry conditions", entry

    @property
    def writes(self) -> Iterator[tuple[str, str, Element]]:
        """Every field that it writes: object, field and value."""
        for update in self.root.findall("recordUpdates"):
            for item in update.findall("inputAssignments"):
                yield text(update, "object"), text(item, "field"), next(item.iter("value"))
        for item in self.root.iter("assignmentItems"):
            place = text(item, "assignToReference")
            first, _, name = place.partition(".")
            record = self.object if first == "$Record" else self._record_in(first)
            if record and name and name != "Id":
                yield record, name, next(item.iter("value"))

    def _record_in(self, variable: str) -> str:
        """Return the object of a record variable; empty for another resource."""
        resource = self.resources.get(variable)
        return "" if resource is None else text(resource, "objectType")

    def _variables(self, flag: str) -> list[str]:
        return [text(one, "name") for one in self.root.findall("variables") if text(one, flag) == "true"]

    @cached_property
    def entries(self) -> list[Entry]:
        """Every start of the flow."""
        at_once = [Entry(target) for target in _targets(self.start, "connector")]
        later = [
            Entry(target, path)
            for path in self.start.findall("scheduledPaths")
            for target in _targets(path, "connector")
        ]
        return at_once + later

    def next(self, name: str) -> list[str]:
        """Return the elements that an element leads to by any connector."""
        return [text(node, "targetReference") for node in self.elements[name].iter() if node.tag.endswith("onnector")]

    def in_transaction(self, name: str) -> set[str]:
        """Return an element and all that can come after it before a screen, which commits what was written."""
        return self.reachable(name, until="screens")

    def reachable(self, name: str, until: str = "") -> set[str]:
        """Return an element and all that can come after it; elements of the kind `until` end the way."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current in self.elements and current not in found:
                found.add(current)
                waiting.extend(self.next(current) if self.elements[current].tag != until else [])
        return found

    def most_calls(self, name: str, before: frozenset[str] = frozenset()) -> int:
        """Return the most calls of one interview from an element on. A repeated element counts once."""
        if name not in self.elements or name in before:
            return 0
        own = int(is_call(self.elements[name]))
        return own + max((self.most_calls(after, before | {name}) for after in self.next(name)), default=0)

    @property
    def references(self) -> Iterator[str]:
        """Every reference: `Request.planId`, `$Record.Id`, ..."""
        for element in self.root.iter():
            if element.tag in _REFERENCES:
                yield element.text or ""
            elif element.tag in _TEXTS:
                yield from merge_fields(element.text or "")
        yield from (place for place, _ in self.mapped)

    @property
    def mapped(self) -> Iterator[tuple[str, Element]]:
        """Every field that a transform fills, `Make_Addons[$EachItem].id`, with its value."""
        for transform in self.root.findall("transforms"):
            for item in transform.iter("transformValueActions"):
                place = f"{text(transform, 'name')}{EACH_ITEM}.{text(item, 'outputFieldApiName')}"
                yield place, next(item.iter("value"))


def is_call(element: Element) -> bool:
    """Whether an element calls an external service: a callout."""
    return element.tag == "actionCalls" and text(element, "actionType") == "externalService"


def _targets(element: Element, tag: str) -> list[str]:
    return [text(target, "targetReference") for target in element.findall(tag)]
