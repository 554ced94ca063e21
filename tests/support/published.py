"""What docs/openapi.json says of requests and answers, to hold real ones to it."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from openapi_schema_validator import OAS30Validator

from scripts.openapi.document import DOCUMENT

JSON = "application/json"


@cache
def content() -> dict[str, Any]:
    """The document."""
    return dict(json.loads(DOCUMENT.read_text()))


@cache
def operations() -> dict[str, dict[str, Any]]:
    """Every operation, by its action."""
    return {path.strip("/"): item["post"] for path, item in content()["paths"].items()}


def request_problems(action: str, body: object) -> list[str]:
    """Return what is wrong with a request of an action."""
    return _problems(operations()[action]["requestBody"], body)


def answer_problems(action: str, status: int, body: object) -> list[str]:
    """Return what is wrong with an answer of an action; nothing is published of what only operators call."""
    if action not in operations():
        return []
    response = operations()[action]["responses"].get(str(status))
    return _problems(response, body) if response else [f"{status}: is no status of the action"]


def _problems(described: Mapping[str, Any], body: object) -> list[str]:
    validator = _validator(described["content"][JSON]["schema"]["$ref"])
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


@cache
def _validator(reference: str) -> OAS30Validator:
    schema = {"$ref": reference, "components": {"schemas": dict(_closed())}}
    return OAS30Validator(schema, format_checker=OAS30Validator.FORMAT_CHECKER)


def _closed() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the named schemas, each without room for a field that it does not name."""
    for name, schema in content()["components"]["schemas"].items():
        yield name, {**schema, "additionalProperties": False}
