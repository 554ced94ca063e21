"""Rules for lengths: a text that a Flow writes or sends fits into its field or property."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from scripts.salesforce_checks import formulas
from scripts.salesforce_checks.flows import Flow
from scripts.salesforce_checks.formulas import Call, Formula, Literal, Operation, Reference
from scripts.salesforce_checks.kinds import Kind
from scripts.salesforce_checks.lengths import Lengths, is_answer
from scripts.salesforce_checks.metadata import Finding, text, texts
from scripts.salesforce_checks.places import assignments, split
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.references import References, Unknown

_TEXTS = {"", "String"}  # a text template has no type
_DATE = 10  # characters of TEXT() of a date
_GLOBALS = {"$Flow.FaultMessage": 20_000, "$Flow.InterviewGuid": 64, "$Organization.Id": 18}
"""The lengths of global texts. Salesforce documents no limit of fault messages: only a long text area takes one."""


def texts_fit(project: Project) -> Iterator[Finding]:
    """Every text that a flow writes to a record or sends to an action fits, whatever its values are."""
    lengths = Lengths(project)
    for flow in project.flows:
        longest = _Longest(flow, project, lengths)
        for place, holder, _ in assignments(flow):
            takes, given = longest.taken(place), longest.of(holder)
            if takes is not None and given is not None and given > takes:
                yield Finding(flow.name, f"{place} takes {takes} characters, and is given up to {given}")


def written_picklists_take_any_value(project: Project) -> Iterator[Finding]:
    """No flow writes to a restricted picklist, because a record type without the value would refuse it."""
    fields = project.named("CustomField")
    for flow in project.flows:
        for record, name, _ in flow.writes:
            field = fields.get(f"{record}.{name}")
            if field is not None and "true" in texts(field.root, "restricted"):
                yield Finding(flow.name, f"writes {field.name}, which is a restricted picklist")


def long_texts_are_not_searched(project: Project) -> Iterator[Finding]:
    """No query, update, view or entry condition searches by a long text, which Salesforce does not support."""
    fields = project.named("CustomField")
    long = {name for name, field in fields.items() if text(field.root, "type") == "LongTextArea"}
    for flow in project.flows:
        for holder in [*flow.root.findall("recordLookups"), *flow.root.findall("recordUpdates")]:
            sought = [text(condition, "field") for condition in holder.findall("filters")] + [text(holder, "sortField")]
            for field in sorted(set(sought)):
                if f"{text(holder, 'object')}.{field}" in long:
                    yield Finding(flow.name, f"{text(holder, 'name')} searches by {field}")
        for name in sorted(long):
            record, _, field = name.partition(".")
            if record == flow.object and f"$Record.{field}" in text(flow.start, "filterFormula"):
                yield Finding(flow.name, f"its entry conditions look at {field}")
    for view in project.of("ListView"):
        for shown in [*texts(view.root, "columns"), *texts(view.root, "field")]:
            if f"{view.name.split('.')[0]}.{shown}" in long:
                yield Finding(view.name, f"shows or filters {shown}, which is a long text")


@dataclass(frozen=True)
class _Longest:
    """The greatest lengths of the texts that a flow writes or sends."""

    flow: Flow
    project: Project
    lengths: Lengths

    def of(self, holder: Element) -> int | None:
        """Return the greatest length of a value; None if it is not a text or not known."""
        reference = holder.findtext("elementReference")
        return self.lengths.literal(holder) if reference is None else self._referred(reference)

    def taken(self, place: str) -> int | None:
        """Return the length limit of a place; None if it has none or takes no text."""
        owner, name = self._owner(place)
        if owner is None:
            return None
        if owner.base == "record":
            return self.lengths.of_field(owner.of, name)
        return self.lengths.of_request(owner.of, name) if owner.base == "class" else None

    def _referred(self, reference: str) -> int | None:
        if reference in _GLOBALS:
            return _GLOBALS[reference]
        resource = self.flow.resources.get(reference)
        if resource is not None:
            return self._resource(resource)
        owner, name = self._owner(reference)
        if owner is None or owner.base not in {"record", "class"}:
            return None
        if owner.base == "record":
            return self.lengths.of_field(owner.of, name)
        return self.lengths.of_answer(owner.of, name) if is_answer(owner, self.project) else None

    def _resource(self, resource: Element) -> int | None:
        if text(resource, "dataType") not in _TEXTS:
            return None
        if resource.tag == "formulas":
            return self._formula(formulas.parse(text(resource, "expression")))
        if resource.tag == "textTemplates":
            return self._template(text(resource, "text"))
        given = [self.of(holder) for place, holder, _ in assignments(self.flow) if place == text(resource, "name")]
        return max((length for length in given if length is not None), default=None)

    def _template(self, template: str) -> int:
        """Return the greatest length of a template: its own words, and what is merged into it."""
        merged = list(formulas.merge_fields(template))
        own = len(template) - sum(len(f"{{!{name}}}") for name in merged)
        return own + sum(self._referred(name) or 0 for name in merged)

    def _formula(self, formula: Formula) -> int | None:
        longest: int | None = None
        match formula:
            case Literal(value):
                longest = len(value) if isinstance(value, str) else 0
            case Reference(name):
                longest = self._referred(name)
            case Call("IF", (_, *branches)):
                longest = max((self._formula(branch) or 0 for branch in branches), default=0)
            case Call("LEFT", (_, Literal(float(length)))):
                longest = int(length)
            case Call("TEXT"):
                longest = _DATE
            case Operation("&", left, right):
                longest = (self._formula(left) or 0) + (self._formula(right) or 0)
        return longest

    def _owner(self, place: str) -> tuple[Kind | None, str]:
        """Return the record or object that a place belongs to, and its name there."""
        owner, name = split(place)
        try:
            return References(self.flow, self.project).owner(owner), name
        except Unknown:
            return None, name
