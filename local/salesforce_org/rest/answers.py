"""Requests to an org's REST interface, its answers, and the shapes of its errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """A request. Header names are in lower case; `values` are the parts of the path that a route names."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    values: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """Return the body. Raises RestError if it is not a JSON object."""
        try:
            content = json.loads(self.body)
        except ValueError as error:
            raise RestError(400, "JSON_PARSER_ERROR", str(error)) from error
        if not isinstance(content, dict):
            raise RestError(400, "JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object.")
        return content


@dataclass(frozen=True)
class Answer:
    """A status and a JSON value; None is an answer without a body."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RestError(Exception):
    """An error in Salesforce's shape: a status, and a list with one code, message and the fields concerned."""

    def __init__(self, status: int, code: str, message: str, fields: list[str] | None = None) -> None:
        super().__init__(message)
        named = {} if fields is None else {"fields": fields}
        self.answer = Answer(status, [{"message": message, "errorCode": code, **named}])


def not_found() -> RestError:
    """Return the error of a path or object that the org does not have."""
    return RestError(404, "NOT_FOUND", "The requested resource does not exist")
