"""Resolve the references of a flow: `Create_Subscription.200.status` is text, `Request.addons` a list of Addon."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from scripts.salesforce_checks.flows import EACH_ITEM, Flow
from scripts.salesforce_checks.kinds import OF_FLOW_TYPES, OF_LITERALS, Kind
from scripts.salesforce_checks.metadata import text
from scripts.salesforce_checks.places import RECORD, split
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.standard_objects import GLOBALS


class Unknown(Exception):  # noqa: N818 - describes the reference
    """A reference cannot be resolved. The message names the step."""


@dataclass(frozen=True)
class References:
    """The references of one flow of a project."""

    flow: Flow
    project: Project

    def kind(self, reference: str) -> Kind:
        """Return the kind of a reference; raise `Unknown`."""
        if reference in GLOBALS:
            return GLOBALS[reference]
        first, *rest = reference.split(".")
        if first == "$Permission":
            return self._permission(".".join(rest))
        if first == "$Setup":
            return self._setting(*rest)
        owner = self._first(first)
        for step in rest:
            owner = self._step(owner, step)
        return owner

    def place(self, place: str) -> Kind:
        """Return the kind of a place that is filled: a reference, or a field as `Opportunity>Name`; raise `Unknown`."""
        if RECORD not in place:
            return self.kind(place)
        owner, field = split(place)
        return self._step(self.owner(owner), field)

    def owner(self, owner: str) -> Kind:
        """Return the kind of a place's owner: a reference, or a record as `Opportunity>`; raise `Unknown`."""
        return Kind("record", owner.removesuffix(RECORD)) if owner.endswith(RECORD) else self.kind(owner)

    def value(self, holder: Element) -> Kind:
        """Return the kind of a `value` element: a reference or a literal."""
        (content,) = list(holder)
        if content.tag == "elementReference":
            return self.kind(content.text or "")
        return Kind(OF_LITERALS[content.tag])

    def _first(self, name: str) -> Kind:
        if name == "$Record":
            return Kind("record", self.flow.object)
        bare = name.removesuffix(EACH_ITEM)
        element = self.flow.elements.get(bare, self.flow.resources.get(bare))
        if element is None:
            raise Unknown(f"there is no {name}")
        kind = self._of_element(element)
        return kind.as_item() if name != bare else kind

    def _of_element(self, element: Element) -> Kind:
        match element.tag:
            case "actionCalls":
                return self._answers(element)
            case "fields" | "formulas" | "transforms" | "variables" if text(element, "dataType"):
                return self._typed(element)
            case "subflows":
                return Kind("outputs", text(element, "flowName"))
            case "loops":
                return self.kind(text(element, "collectionReference")).as_item()
            case "recordLookups":
                kind = Kind("record", text(element, "object"))
                return kind if text(element, "getFirstRecordOnly") == "true" else kind.as_list()
            case "textTemplates":
                return Kind("text")
        raise Unknown(f"{text(element, 'name')} has no value")

    def _step(self, owner: Kind, name: str) -> Kind:
        kind = None if owner.many else self._member(owner, name)
        if kind is None:
            raise Unknown(f"{owner} has no {name}")
        return kind

    def _member(self, owner: Kind, name: str) -> Kind | None:
        match owner.base:
            case "answers":
                return self.project.service.outputs(owner.of).get(name)
            case "class":
                return self.project.service.properties(owner.of).get(name)
            case "outputs":
                return self._output(owner.of, name)
        return self.project.field(owner.of, name)

    def _answers(self, call: Element) -> Kind:
        action = text(call, "actionName").rpartition(".")[2]
        if action not in self.project.service.operations:
            raise Unknown(f"{text(call, 'name')} calls {action}, which is no action")
        return Kind("answers", action)

    def _output(self, flow_name: str, name: str) -> Kind | None:
        flow = self.project.flow(flow_name)
        return References(flow, self.project).kind(name) if flow and name in flow.outputs else None

    def _permission(self, name: str) -> Kind:
        if name not in self.project.named("CustomPermission"):
            raise Unknown(f"there is no custom permission {name}")
        return Kind("boolean")

    def _setting(self, name: str, *rest: str) -> Kind:
        if name not in self.project.settings:
            raise Unknown(f"there is no custom setting {name}")
        return self._step(Kind("record", name), ".".join(rest))

    def _typed(self, element: Element) -> Kind:
        data_type = text(element, "dataType")
        match data_type:
            case "Apex":
                kind = self._class(element)
            case "SObject":
                kind = Kind("record", text(element, "objectType"))
            case _:
                kind = Kind(OF_FLOW_TYPES[data_type])
        return kind.as_list() if text(element, "isCollection") == "true" else kind

    def _class(self, element: Element) -> Kind:
        schema = self.project.service.schema_of(text(element, "apexClass"))
        if schema is None:
            raise Unknown(f"{text(element, 'apexClass')} is no class of the document")
        return Kind("class", schema)
