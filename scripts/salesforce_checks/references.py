"""What a flow's references lead to: `Create_Subscription.200.status` is text, `Request.addons` a list of Addon."""

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.flows import Flow
from scripts.salesforce_checks.kinds import ANY, OF_FLOW_TYPES, OF_LITERALS, Kind
from scripts.salesforce_checks.metadata import text
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.standard_objects import GLOBALS

EACH_ITEM = "[$EachItem]"


class Unknown(Exception):  # noqa: N818 - what the reference is
    """A reference leads nowhere; the message says at which step."""


@dataclass(frozen=True)
class References:
    """The references of one flow of a project."""

    flow: Flow
    project: Project

    def kind(self, reference: str) -> Kind:
        """Tell what a reference leads to; raise `Unknown`."""
        if reference in GLOBALS:
            return GLOBALS[reference]
        first, *rest = reference.split(".")
        if first == "$Label":
            return self._label(".".join(rest))
        found = self._first(first)
        if found.base == "answers":
            return self._output(found.of, rest)
        for step in rest:
            found = self._step(found, step)
        return found

    def value(self, holder: Element) -> Kind:
        """Tell what a `value` element holds: a reference or a literal."""
        (content,) = list(holder)
        if content.tag == "elementReference":
            return self.kind(content.text or "")
        return Kind(OF_LITERALS[content.tag])

    def _first(self, name: str) -> Kind:
        if name == "$Record":
            return Kind("record", self.flow.object)
        bare = name.removesuffix(EACH_ITEM)
        element = self.flow.elements.get(bare, self.flow.resources.get(bare))
        if element is None or element.tag not in _KINDS:
            raise Unknown(f"there is no {name}")
        kind = _KINDS[element.tag](self, element)
        return kind.as_item() if name != bare else kind

    def _step(self, found: Kind, name: str) -> Kind:
        if found.many:
            raise Unknown(f"a {found} has no {name}")
        kind = self._members(found).get(name) if found.base == "class" else self.project.field(found.of, name)
        if kind is None:
            raise Unknown(f"{found} has no {name}")
        return kind

    def _members(self, found: Kind) -> dict[str, Kind]:
        return self.project.service.properties(found.of)

    def _output(self, call: str, steps: list[str]) -> Kind:
        action = text(self.flow.elements[call], "actionName").rpartition(".")[2]
        if action not in self.project.service.operations:
            raise Unknown(f"{call} calls {action}, which is no action")
        if not steps:
            return ANY
        outputs = self.project.service.outputs(action)
        if steps[0] not in outputs:
            raise Unknown(f"{action} has no output {steps[0]}, only {', '.join(outputs)}")
        found = outputs[steps[0]]
        for step in steps[1:]:
            found = self._step(found, step)
        return found

    def _label(self, name: str) -> Kind:
        if name not in self.project.labels:
            raise Unknown(f"there is no custom label {name}")
        return Kind("text")

    def _class(self, element: Element) -> Kind:
        schema = self.project.service.schema_of(text(element, "apexClass"))
        if schema is None:
            raise Unknown(f"{text(element, 'apexClass')} is no class of the document")
        return Kind("class", schema)

    def _typed(self, element: Element) -> Kind:
        data_type = text(element, "dataType")
        kind = self._class(element) if data_type == "Apex" else Kind(OF_FLOW_TYPES[data_type])
        return kind.as_list() if text(element, "isCollection") == "true" else kind

    def _looked_up(self, element: Element) -> Kind:
        kind = Kind("record", text(element, "object"))
        return kind if text(element, "getFirstRecordOnly") == "true" else kind.as_list()

    def _looped(self, element: Element) -> Kind:
        return self.kind(text(element, "collectionReference")).as_item()


_KINDS: dict[str, Callable[[References, Element], Kind]] = {
    "actionCalls": lambda _, element: Kind("answers", text(element, "name")),
    "formulas": References._typed,  # noqa: SLF001 - the table is part of the class
    "loops": References._looped,  # noqa: SLF001
    "recordLookups": References._looked_up,  # noqa: SLF001
    "textTemplates": lambda _, __: Kind("text"),
    "transforms": References._typed,  # noqa: SLF001
    "variables": References._typed,  # noqa: SLF001
}
