"""Documents with one thing wrong: the published one, spoiled."""

import json
from collections.abc import Callable
from typing import Any

from scripts.openapi.document import DOCUMENT
from scripts.openapi.reading import Document

type Json = dict[str, Any]
type Mutation = Callable[[Json], object]
type Place = Callable[[Json], Json]
"""Finds a part of a document."""

PUBLISHED = Document(DOCUMENT.read_text())
PATH = "/cancel-subscription"
JSON = "application/json"
TEXT = {"type": "string", "description": "A text."}


def spoiled(*mutations: Mutation) -> Document:
    """Return the published document with something wrong."""
    content = json.loads(PUBLISHED.text)
    for mutation in mutations:
        mutation(content)
    return Document(json.dumps(content))


def changed(place: Place, words: Json) -> Mutation:
    """Put words into a part of the document."""
    return lambda document: place(document).update(words)


def without(place: Place, word: str) -> Mutation:
    """Leave a word out of a part of the document."""
    return lambda document: place(document).pop(word)


def operation(content: Json) -> Json:
    """Find an operation."""
    found: Json = content["paths"][PATH]["post"]
    return found


def request(content: Json) -> Json:
    """Find the body that it takes."""
    found: Json = operation(content)["requestBody"]
    return found


def responses(content: Json) -> Json:
    """Find all of its answers, by status."""
    found: Json = operation(content)["responses"]
    return found


def response(status: int) -> Place:
    """Find one of its answers."""
    return lambda content: responses(content)[str(status)]


def as_json(body: Place) -> Place:
    """Find a body as JSON."""
    return lambda content: body(content)["content"][JSON]


def named(name: str) -> Place:
    """Find a named schema."""
    return lambda content: content["components"]["schemas"][name]


def field(name: str) -> Place:
    """Find a property, such as `Money.amount`."""
    owner, _, own = name.partition(".")
    return lambda content: named(owner)(content)["properties"][own]


def with_field(name: str, shape: Json) -> Mutation:
    """Add a property to a schema that is used."""
    return lambda content: named("Money")(content)["properties"].update({name: shape})


def with_operation(name: str) -> Mutation:
    """Add a copy of the operation under a path of its own."""
    return lambda content: content["paths"].update({"/more": {"post": {**operation(content), "operationId": name}}})


def reference(name: str) -> Json:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}
