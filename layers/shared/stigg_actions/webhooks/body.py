"""Read a webhook's body leniently: only its ids are used, and Stigg does not send a refused webhook again."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from stigg_actions.errors import Problem, RequestInvalid

_WHOLE_BODY = "body"


def read(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object in the body of an API Gateway proxy event, of any size.

    The last of two equal names counts, a byte-order mark is skipped, numbers stay text, and text that is not valid
    Unicode stays as it is, because no id is read from it.

    Raises:
        RequestInvalid: the body is not JSON, or not a JSON object.
    """
    try:
        body = json.loads(_text(event), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise RequestInvalid([Problem(_WHOLE_BODY, "is not valid JSON")]) from None
    if not isinstance(body, dict):
        raise RequestInvalid([Problem(_WHOLE_BODY, "must be a JSON object")])
    return body


def _text(event: Mapping[str, Any]) -> str:
    """Return the body as text without a byte-order mark. Raises ValueError if it is not text."""
    body = event.get("body")
    if not isinstance(body, str):
        raise ValueError("is not text")  # noqa: TRY004 - handled like invalid JSON
    if event.get("isBase64Encoded"):
        return _decoded(body)
    return body.removeprefix("\ufeff")


def _decoded(body: str) -> str:
    try:
        return base64.b64decode(body, validate=True).decode("utf-8-sig", errors="replace")
    except binascii.Error:
        raise ValueError("is not Base64") from None
