"""Turn a caller's body into a typed request, or into an error that names the fields and the remedies."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from stigg_actions import decimal_json
from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.base import ActionRequest
from stigg_actions.models.values import PATTERNS_IN_WORDS, Reading

LONGEST_BODY = ActionRequest.longest_body
"""Maximum bytes of the body of most requests."""

MOST_PROBLEMS = 50
"""Maximum number of fields that one error names."""

WHOLE_BODY = "body"
"""The field named when the body as a whole is wrong."""

LONGEST_PATH = 200
"""Maximum characters of a field's path in an error."""

_PLAINER = {
    "missing": "is required",
    "string_type": "must be text",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "bool_type": "must be true or false",
    "string_too_short": "must not be empty",
}


_SUBJECT = re.compile(r"^[A-Z][a-z]+( input)? should\b")
"""How pydantic begins: ``Input should be``, ``Decimal input should have``."""


def read_text(text: str, longest: int = LONGEST_BODY) -> dict[str, Any]:
    """Read a body.

    Raises:
        RequestInvalid: the body is empty, too long, or not a JSON object.
    """
    if not text.strip():
        raise RequestInvalid([Problem(WHOLE_BODY, "is required: send a JSON object")])
    if len(text) > longest:
        raise _too_long(longest)
    try:
        return _sized(decimal_json.loads(text), longest)
    except decimal_json.JsonError as error:
        raise _not_json(error) from None


def read_value(value: Any, longest: int = LONGEST_BODY) -> dict[str, Any]:
    """Read a body that the Lambda runtime has parsed already. Raises as ``read_text``."""
    try:
        return _sized(decimal_json.exact(value), longest)
    except decimal_json.JsonError as error:
        raise _not_json(error) from None


def parse[Request: ActionRequest](
    model: type[Request], body: Mapping[str, Any], reading: Reading | None = None
) -> Request:
    """Turn a body into a request; without ``reading``, its dates are in UTC.

    Raises:
        RequestInvalid: naming each field that is missing, unknown or wrong.
        Misconfigured: a date needs the deployment's own time zone, which does not exist.
    """
    try:
        return model.model_validate(body, by_alias=True, by_name=False, context=reading)
    except ValidationError as error:
        known = [str(field.alias) for field in model.model_fields.values()]
        problems = [_problem(detail, known) for detail in error.errors(include_url=False, include_input=False)]
        raise RequestInvalid(problems[:MOST_PROBLEMS]) from None


def _not_json(error: decimal_json.JsonError) -> RequestInvalid:
    return RequestInvalid([Problem(_short(error.field) or WHOLE_BODY, str(error))])


def _short(path: str) -> str:
    return path if len(path) <= LONGEST_PATH else f"{path[:LONGEST_PATH]}..."


def _sized(value: Any, longest: int) -> dict[str, Any]:
    """Return a body after checking that it is an object and not too long."""
    if not isinstance(value, dict):
        raise RequestInvalid([Problem(WHOLE_BODY, "must be a JSON object")])
    if len(decimal_json.dumps(value)) > longest:
        raise _too_long(longest)
    return value


def _too_long(longest: int) -> RequestInvalid:
    problem = f"is longer than {longest} bytes, where a character outside ASCII counts as 6 or 12; send less"
    return RequestInvalid([Problem(WHOLE_BODY, problem)])


def _problem(detail: Mapping[str, Any], known: list[str]) -> Problem:
    context = detail.get("ctx", {})
    location = (*detail["loc"], context["field"]) if detail["type"] == "field_problem" else detail["loc"]
    field = _path(location)
    if detail["type"] == "extra_forbidden":
        return Problem(field, _unknown_field(field, known if len(location) == 1 else []))
    plainer = PATTERNS_IN_WORDS.get(context.get("pattern", "")) or _PLAINER.get(detail["type"])
    return Problem(field, plainer or _sentence(detail["msg"]))


def _path(location: Iterable[str | int]) -> str:
    """Return a location as callers write it: ``addons[0].quantity``."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return _short(path) or WHOLE_BODY


def _unknown_field(field: str, known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only errors need it

    close = get_close_matches(field, known, n=1)
    remedy = f"did you mean {close[0]}?" if close else "remove it or correct its name"
    return f"is not a field of this action; {remedy}"


def _sentence(message: str) -> str:
    return _SUBJECT.sub("must", message.removeprefix("Value error, "))
