"""Rules about schemas: what Apex can name, and what a Flow can fill and read.

Source: Salesforce Help, "Schema Definitions", "Apex Reserved Keywords", "Considerations for the Apex-Defined Data
Type", "HTTP Callout Considerations and Limits".
"""

import re
from collections.abc import Iterator, Mapping

from scripts.openapi.findings import Found
from scripts.openapi.reading import SCHEMAS, Document, Node, name_of, reached, references
from scripts.salesforce_checks.apex_names import RESERVED, apex_name

LONGEST_DESCRIPTION = 1_333
DEEPEST = 15
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_MOMENT = re.compile(r"\b(date|at)$|[a-z0-9](Date|At)$")
_FORMATS = {"integer": {"int32", "int64"}, "number": {"double"}}
_MOMENTS = {"date", "date-time"}
_NEARLY_MOMENTS = {"datetime", "time", "timestamp"}
_LATER_WORDS = {
    *("$anchor", "$comment", "$defs", "$dynamicRef", "$id", "$schema", "const", "contains", "contentEncoding"),
    *("contentMediaType", "dependentRequired", "dependentSchemas", "else", "examples", "if", "patternProperties"),
    *("prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
}


def local_references(document: Document) -> Iterator[Found]:
    """ES06: every reference is to a schema of this document."""
    for reference in sorted(set(references(document.content))):
        if not reference.startswith(SCHEMAS) or reference.removeprefix(SCHEMAS) not in document.named:
            yield reference, "leads to no schema of this document"


def cycles(document: Document) -> Iterator[Found]:
    """ES06: no schema contains itself."""
    for name in document.named:
        if name in reached(document, [document.named[name]]):
            yield name, "contains itself"


def names(document: Document) -> Iterator[Found]:
    """ES08: letters and digits alone; every other character is encoded, in Flows too."""
    for where, name in _names(document):
        if not _NAME.fullmatch(name):
            yield where, f"is named {name!r}; a Flow shows it as {apex_name(name)}"


def reserved_names(document: Document) -> Iterator[Found]:
    """ES08: a word of Apex gets a prefix, in Flows too."""
    for where, name in _names(document):
        if name.lower() in RESERVED | {"connection"}:
            yield where, f"is named {name}, a word of Apex; a Flow shows it as {apex_name(name)}"


def distinct_names(document: Document) -> Iterator[Found]:
    """ES09: Apex knows no letter case, and names must differ once they are encoded."""
    objects = ((where, schema.get("properties", {})) for where, schema in document.schemas)
    for where, group in [("schemas", document.named), *objects]:
        seen: dict[str, str] = {}
        for name in group:
            other = seen.setdefault(apex_name(name).lower(), name)
            if other != name:
                yield f"{where}.{name}", f"has the same name in Apex as {other}"


def simple_shapes(document: Document) -> Iterator[Found]:
    """ES10: a Flow fills objects of fields that are known, each of one type."""
    for where, schema in document.schemas:
        for word in ("additionalProperties", "oneOf", "anyOf"):
            if word in schema:
                yield where, f"has {word}; a Flow can neither fill nor read it"
        if not {"$ref", "type", "allOf", "oneOf", "anyOf"} & schema.keys():
            yield where, "has no type"
        if schema.get("type") == "object" and not {"properties", "additionalProperties"} & schema.keys():
            yield where, "is an object without fields"


def simple_lists(document: Document) -> Iterator[Found]:
    """ES11: a list is of one kind of thing, and never of lists."""
    for where, schema in document.schemas:
        items = schema.get("items")
        if schema.get("type") == "array" and not isinstance(items, Mapping):
            yield where, "does not say what it is a list of"
        elif isinstance(items, Mapping) and document.resolved(items).get("type") == "array":
            yield where, "is a list of lists"


def later_words(document: Document) -> Iterator[Found]:
    """ES12: a field is optional, not null, and nothing is said in words of OpenAPI 3.1."""
    for where, schema in document.schemas:
        if "nullable" in schema:
            yield where, "is nullable; leave it out of required in place of that"
        if isinstance(schema.get("type"), list):
            yield where, "has several types"
        if any(type(schema.get(word)) in {int, float} for word in ("exclusiveMinimum", "exclusiveMaximum")):
            yield where, "has an exclusive limit that is a number, as in OpenAPI 3.1"
        for word in sorted(_LATER_WORDS & schema.keys()):
            yield where, f"has {word}, which OpenAPI 3.0 does not know"


def enums(document: Document) -> Iterator[Found]:
    """ES16: a Flow shows a choice as text, so the description lists what can be chosen."""
    for where, schema in document.schemas:
        for value in schema.get("enum", ()):
            if not isinstance(value, str):
                yield where, f"has the choice {value!r}, which is no text"
            elif not re.search(rf"\b{re.escape(value)}\b", schema.get("description", "")):
                yield where, f"has the choice {value}, which its description does not name"


def numbers(document: Document) -> Iterator[Found]:
    """ES17: Flows hold whole numbers and doubles."""
    for where, schema in document.schemas:
        wanted = _FORMATS.get(str(schema.get("type")))
        if wanted and schema.get("format") not in wanted:
            yield where, f"is of type {schema['type']} and needs the format {' or '.join(sorted(wanted))}"


def moments(document: Document) -> Iterator[Found]:
    """ES18: dates and times are text of a known format."""
    for where, schema in document.schemas:
        looks_like_one = _MOMENT.search(where.rpartition(".")[2]) or schema.get("format") in _MOMENTS | _NEARLY_MOMENTS
        is_plain = str(schema.get("type")) in {"string", "integer", "number"}
        if looks_like_one and is_plain and (schema["type"] != "string" or schema.get("format") not in _MOMENTS):
            yield where, "is a date or time; it must be a string of format date or date-time"


def descriptions(document: Document) -> Iterator[Found]:
    """ES19: whoever builds a Flow reads a description of everything, of which Salesforce keeps the beginning."""
    operations = [(operation.where, operation.content) for operation in document.operations]
    fields = [(where, {**document.resolved(schema), **schema}) for where, schema in document.properties]
    for where, holder in [*operations, *document.parameters, *document.requests, *fields]:
        if not str(holder.get("description", "")).strip():
            yield where, "has no description"
    for where, holder in [*operations, *document.parameters, *document.bodies, *document.schemas]:
        if len(str(holder.get("description", ""))) > LONGEST_DESCRIPTION:
            yield where, f"has a description of more than {LONGEST_DESCRIPTION} characters"


def depth(document: Document) -> Iterator[Found]:
    """ES20: objects are not nested deeper than Salesforce reads."""
    for where, media in document.media:
        if _depth(document, media.get("schema", {}), frozenset()) > DEEPEST:
            yield where, f"is nested deeper than {DEEPEST} levels"


def defaults(document: Document) -> Iterator[Found]:
    """ES24: Salesforce ignores the default of a field."""
    outermost = {id(schema) for _, schema in document.outermost}
    for where, schema in document.schemas:
        if "default" in schema and id(schema) not in outermost:
            yield where, "has a default, which Salesforce ignores; let the description tell it"


def reachable(document: Document) -> Iterator[Found]:
    """ES25: an object that no operation needs counts against the org's limit all the same."""
    for name in sorted(document.named.keys() - reached(document, [document.paths])):
        yield name, "is reached by no operation"


def _names(document: Document) -> Iterator[tuple[str, str]]:
    yield from ((name, name) for name in document.named)
    yield from ((where, where.rpartition(".")[2]) for where, _ in document.properties)
    yield from ((where, str(parameter.get("name", ""))) for where, parameter in document.parameters)


def _depth(document: Document, schema: Node, above: frozenset[str]) -> int:
    """Return how many levels of objects and lists a schema has; a cycle ends where it begins."""
    name = name_of(schema)
    if name in above:
        return 0
    shape = document.resolved(schema)
    parts = [*shape.get("properties", {}).values(), *([shape["items"]] if "items" in shape else [])]
    return 1 + max((_depth(document, part, above | {name} - {""}) for part in parts), default=0)
