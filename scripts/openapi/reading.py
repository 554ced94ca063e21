"""An OpenAPI document as the rules look at it: operations, bodies, schemas, and where each stands."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

type Node = Mapping[str, Any]
type Place = tuple[str, Node]
"""Where something stands, in words, and what stands there."""

METHODS = ("get", "put", "post", "patch", "delete", "head", "options", "trace")
JSON = "application/json"
SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True)
class Operation:
    """One operation; `where` is its method and path."""

    where: str
    method: str
    content: Node

    @property
    def id(self) -> str:
        """Its operationId, by which Flows call it; empty if it has none."""
        return str(self.content.get("operationId", ""))

    @property
    def responses(self) -> Mapping[str, Node]:
        """Its responses, by status."""
        return cast("Mapping[str, Node]", self.content.get("responses", {}))

    @property
    def request(self) -> Node:
        """The schema of its body; empty if it takes none."""
        return schema_of(self.content.get("requestBody", {}))


@dataclass(frozen=True)
class Document:
    """A document, by its text."""

    text: str

    @cached_property
    def content(self) -> Node:
        """The document itself."""
        return cast("Node", json.loads(self.text))

    @cached_property
    def paths(self) -> Mapping[str, Node]:
        """The paths, each with its operations."""
        return cast("Mapping[str, Node]", self.content.get("paths", {}))

    @cached_property
    def named(self) -> Mapping[str, Node]:
        """The named schemas."""
        return cast("Mapping[str, Node]", self.content.get("components", {}).get("schemas", {}))

    @cached_property
    def operations(self) -> list[Operation]:
        """Every operation."""
        return [
            Operation(f"{method} {path}", method, item[method])
            for path, item in self.paths.items()
            for method in METHODS
            if method in item
        ]

    @cached_property
    def parameters(self) -> list[Place]:
        """Every parameter, of operations and of whole paths."""
        holders = [*self.paths.items(), *((operation.where, operation.content) for operation in self.operations)]
        return [
            (f"{where} parameter {parameter.get('name', number)}", parameter)
            for where, holder in holders
            for number, parameter in enumerate(holder.get("parameters", ()))
        ]

    @cached_property
    def requests(self) -> list[Place]:
        """Every request body."""
        return [
            (f"{operation.where} request", operation.content["requestBody"])
            for operation in self.operations
            if "requestBody" in operation.content
        ]

    @cached_property
    def responses(self) -> list[Place]:
        """Every response."""
        return [
            (f"{operation.where} {status}", response)
            for operation in self.operations
            for status, response in operation.responses.items()
        ]

    @property
    def bodies(self) -> list[Place]:
        """Every request body and every response."""
        return [*self.requests, *self.responses]

    @cached_property
    def media(self) -> list[Place]:
        """Every request body and every response in one of its media types."""
        return [(where, media) for where, body in self.bodies for media in body.get("content", {}).values()]

    @cached_property
    def outermost(self) -> list[Place]:
        """Every schema that is part of no other."""
        holders = [*self.parameters, *self.media]
        return [*self.named.items(), *((where, holder["schema"]) for where, holder in holders if "schema" in holder)]

    @cached_property
    def schemas(self) -> list[Place]:
        """Every schema, with all that are inside of others."""
        return [place for where, schema in self.outermost for place in _within(where, schema)]

    @cached_property
    def properties(self) -> list[Place]:
        """Every property of every object."""
        return [
            (f"{where}.{name}", schema)
            for where, holder in self.schemas
            for name, schema in holder.get("properties", {}).items()
        ]

    def resolved(self, schema: Node) -> Node:
        """Return what a schema refers to, or itself; nothing where the reference leads nowhere."""
        return self.named.get(name_of(schema), {}) if "$ref" in schema else schema


def name_of(schema: Node) -> str:
    """Return the name of the schema that is referred to; empty where none is."""
    return str(schema.get("$ref", "")).removeprefix(SCHEMAS)


def schema_of(body: Node) -> Node:
    """Return the schema of a request body or a response as JSON; empty where there is none."""
    return cast("Node", body.get("content", {}).get(JSON, {}).get("schema", {}))


def references(node: object) -> Iterator[str]:
    """Find every `$ref` within a part of a document, but for those in examples."""
    match node:
        case Mapping():
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for name, part in node.items():
                if name not in {"example", "examples"}:
                    yield from references(part)
        case list():
            for part in node:
                yield from references(part)


def reached(document: Document, starts: Iterable[Node]) -> set[str]:
    """Return the names of all schemas that parts of a document lead to, through others too."""
    found: set[str] = set()
    to_visit = [*starts]
    while to_visit:
        names = {reference.removeprefix(SCHEMAS) for reference in references(to_visit.pop())} - found
        found |= names
        to_visit += [document.named.get(name, {}) for name in names]
    return found


def _within(where: str, schema: Node) -> Iterator[Place]:
    """Find a schema and all inside of it, but not what it refers to; an item has its list's description."""
    yield where, schema
    for name, part in schema.get("properties", {}).items():
        yield from _within(f"{where}.{name}", part)
    if isinstance(schema.get("items"), Mapping):
        described = {"description": schema.get("description", "")}
        yield from _within(f"{where}[]", {**described, **schema["items"]})
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from _within(f"{where}{{}}", schema["additionalProperties"])
    for kind in ("allOf", "anyOf", "oneOf"):
        for number, part in enumerate(schema.get(kind, ())):
            yield from _within(f"{where} {kind}[{number}]", part)
