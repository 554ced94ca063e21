"""An OpenAPI document as the rules look at it: operations, named schemas, and where each part stands."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

type Node = Mapping[str, Any]
type Place = tuple[str, Node]
"""Where a part of a document stands, in words, and the part."""

SCHEMAS = "#/components/schemas/"
METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})


@dataclass(frozen=True)
class Operation:
    """One operation; `where` is its method and path."""

    where: str
    content: Node

    @property
    def id(self) -> str:
        """Its operationId, by which Flows call it."""
        return str(self.content["operationId"])

    @property
    def responses(self) -> Mapping[str, Node]:
        """Its responses, by status."""
        return cast("Mapping[str, Node]", self.content["responses"])

    @property
    def request(self) -> Node:
        """The schema of its body; empty if it takes none."""
        return schema_of(self.content.get("requestBody", {}))

    @property
    def answers(self) -> list[Node]:
        """The schemas of its responses."""
        return [schema_of(response) for response in self.responses.values()]


@dataclass(frozen=True)
class Document:
    """A document, by its text."""

    text: str

    @cached_property
    def content(self) -> Node:
        """The document itself."""
        return cast("Node", json.loads(self.text))

    @cached_property
    def named(self) -> Mapping[str, Node]:
        """The named schemas."""
        return cast("Mapping[str, Node]", self.content["components"]["schemas"])

    @cached_property
    def operations(self) -> list[Operation]:
        """Every operation."""
        return [
            Operation(f"{method} {path}", operation)
            for path, item in self.content["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        ]

    @cached_property
    def properties(self) -> list[Place]:
        """Every property of every schema."""
        return [
            (f"{where}.{name}", schema)
            for where, holder in self.named.items()
            for name, schema in holder.get("properties", {}).items()
        ]

    @cached_property
    def schemas(self) -> list[Place]:
        """Every named schema, property and item of a list; an item has the description of its list."""
        items = [
            (f"{where}[]", {"description": schema.get("description", ""), **schema["items"]})
            for where, schema in self.properties
            if "items" in schema
        ]
        return [*self.named.items(), *self.properties, *items]

    def resolved(self, schema: Node) -> Node:
        """Return the schema that a schema refers to, or itself."""
        return self.named[name_of(schema)] if "$ref" in schema else schema


def name_of(schema: Node) -> str:
    """Return the name of the schema that is referred to; empty if the schema is no reference."""
    return str(schema.get("$ref", "")).removeprefix(SCHEMAS)


def schema_of(body: Node) -> Node:
    """Return the schema of a request body or a response as JSON; empty if it has none."""
    return cast("Node", body.get("content", {}).get("application/json", {}).get("schema", {}))


def reached(document: Document, starts: Iterable[Node]) -> set[str]:
    """Return the names of all schemas that schemas lead to, through others too."""
    found: set[str] = set()
    to_visit = [*starts]
    while to_visit:
        names = {name for schema in _parts(to_visit.pop()) if (name := name_of(schema))} - found
        found |= names
        to_visit += [document.named[name] for name in names]
    return found


def _parts(schema: Node) -> Iterator[Node]:
    """Yield a schema, its properties and its items, and theirs."""
    yield schema
    for part in [*schema.get("properties", {}).values(), schema.get("items")]:
        if part:
            yield from _parts(part)
