"""Rules of Salesforce External Services that a change of a model can break, and that no general validator knows.

What the generator writes the same for every action has no rule here: one POST with a JSON body, named responses, no
parameters, headers or servers. Sources: Salesforce Help, "External Services", "Schema Definitions", "Apex Reserved
Keywords", "Considerations for the Apex-Defined Data Type", "HTTP Callout Considerations and Limits".
"""

import re
from collections.abc import Callable, Iterator

from scripts.openapi.reading import Document, Node, name_of, reached
from scripts.salesforce_checks.apex_names import RESERVED, apex_name

type Found = tuple[str, str]
"""Where a document breaks a rule, and how."""
type Rule = Callable[[Document], Iterator[Found]]

LONGEST_DESCRIPTION = 1_333
DEEPEST = 15
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_MOMENT = re.compile(r"\b(date|at)$|[a-z0-9](Date|At)$")
_MOMENTS = {"date", "date-time"}
_OF_WRITES = {"dryRun", "idempotencyKey"}
_TOPIC = {"classificationDescription", "instructions", "name", "scope"}
_KINDS = {
    *(("string", None), ("string", "date"), ("string", "date-time"), ("boolean", None)),
    *(("integer", "int32"), ("integer", "int64"), ("number", "double"), ("array", None)),
}


def names(document: Document) -> Iterator[Found]:
    """A name has letters and digits only; every other character is encoded, in Flows too."""
    for where in _names(document):
        name = where.rpartition(".")[2]
        if not _NAME.fullmatch(name):
            yield where, f"is named {name!r}; a Flow shows it as {apex_name(name)}"


def reserved_names(document: Document) -> Iterator[Found]:
    """A word of Apex gets a prefix, in Flows too."""
    for where in _names(document):
        name = where.rpartition(".")[2]
        if name.lower() in RESERVED | {"connection"}:
            yield where, f"is named {name}, a word of Apex; a Flow shows it as {apex_name(name)}"


def distinct_names(document: Document) -> Iterator[Found]:
    """Names differ in Apex, which ignores letter case and encodes characters."""
    seen: dict[str, str] = {}
    for where in _names(document):
        owner, dot, name = where.rpartition(".")
        other = seen.setdefault(f"{owner}{dot}{apex_name(name).lower()}", where)
        if other != where:
            yield where, f"has the same name in Apex as {other}"


def kinds(document: Document) -> Iterator[Found]:
    """A Flow fills and reads named objects of fields that have one type each, and lists of those."""
    for where, schema in document.schemas:
        kind = (schema.get("type"), schema.get("format"))
        is_object = where in document.named and kind == ("object", None)
        if "$ref" not in schema and kind not in _KINDS and not is_object:
            yield where, f"is of type {kind[0]} and format {kind[1]}, which a Flow can neither fill nor read"
        if schema.get("type") == "array" and document.resolved(schema["items"]).get("type") == "array":
            yield where, "is a list of lists"


def enums(document: Document) -> Iterator[Found]:
    """A Flow shows a choice as text, so the description lists the choices."""
    for where, schema in document.schemas:
        for value in schema.get("enum", ()):
            if not re.search(rf"\b{re.escape(value)}\b", schema.get("description", "")):
                yield where, f"has the choice {value}, which its description does not name"


def moments(document: Document) -> Iterator[Found]:
    """A field that is named like a date or time has the format of one."""
    for where, schema in document.properties:
        if _MOMENT.search(where.rpartition(".")[2]) and "type" in schema and schema.get("format") not in _MOMENTS:
            yield where, "is a date or time; it must be a string of format date or date-time"


def descriptions(document: Document) -> Iterator[Found]:
    """Every part has a description for people who build Flows, as long as Salesforce stores."""
    operations = [(operation.where, operation.content) for operation in document.operations]
    for where, holder in [*operations, *document.schemas]:
        text = str({**document.resolved(holder), **holder}.get("description", ""))
        if not text.strip() or len(text) > LONGEST_DESCRIPTION:
            yield where, f"has a description of {len(text)} characters; 1 to {LONGEST_DESCRIPTION} are allowed"


def depth(document: Document) -> Iterator[Found]:
    """Objects are not nested deeper than Salesforce reads, and none contains itself."""
    for name, schema in document.named.items():
        if _is_deeper(document, schema, DEEPEST):
            yield name, f"is nested deeper than {DEEPEST} levels"


def reachable(document: Document) -> Iterator[Found]:
    """Every object is used by an operation: those that are not count against the org's limit, too."""
    bodies = [schema for operation in document.operations for schema in (operation.request, *operation.answers)]
    for name in sorted(document.named.keys() - reached(document, bodies)):
        yield name, "is reached by no operation"


def agent_actions(document: Document) -> Iterator[Found]:
    """An action of agents only reads; it and its bodies say what Salesforce asks of such actions.

    Whatever can change something takes an idempotencyKey or dryRun.
    """
    topic = _extension(document.content).get("topic", {})
    for operation in document.operations:
        if not _extension(operation.content).get("action", {}).get("publishAsAgentAction"):
            continue
        if _OF_WRITES & document.resolved(operation.request)["properties"].keys():
            yield operation.where, "is an action of agents, and changes something"
        if missing := _TOPIC - topic.keys():
            yield operation.where, f"is an action of agents, whose topic lacks {', '.join(sorted(missing))}"
        for body, is_input in ((operation.request, True), (operation.answers[0], False)):
            if _extension(document.resolved(body)).get("action") != {
                "isUserInput": is_input,
                "isDisplayable": not is_input,
            }:
                yield operation.where, f"does not say whether users fill or see {name_of(body)}"


RULES: tuple[Rule, ...] = (
    names,
    distinct_names,
    kinds,
    enums,
    moments,
    descriptions,
    depth,
    reachable,
    agent_actions,
)


def _extension(holder: Node) -> Node:
    """Return what a part of the document says for agents."""
    return dict(holder.get("x-sfdc", {}).get("agent", {}))


def _names(document: Document) -> list[str]:
    return [*document.named, *(where for where, _ in document.properties)]


def _is_deeper(document: Document, schema: Node, levels: int) -> bool:
    """Return whether a schema has more levels of objects and lists."""
    shape = document.resolved(schema)
    parts = [*shape.get("properties", {}).values(), *([shape["items"]] if "items" in shape else [])]
    return levels == 0 or any(_is_deeper(document, part, levels - 1) for part in parts)
