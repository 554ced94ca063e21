"""Reading a webhook's body: leniently, because its ids are all that is used of it, and Stigg drops what is refused."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from stigg_actions.errors import Problem, RequestInvalid

_WHOLE_BODY = "body"


def read(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object that a proxy event of API Gateway has as its body, of any size that gets through.

    Of a name that is given twice the last one counts, a byte-order mark is skipped, numbers are their digits, and what
    is no Unicode text stays as it is: no id is made of it.

    Raises:
        RequestInvalid: it is not JSON, or JSON of something else than an object.
    """
    try:
        body = json.loads(_text(event), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise RequestInvalid([Problem(_WHOLE_BODY, "is not valid JSON")]) from None
    if not isinstance(body, dict):
        raise RequestInvalid([Problem(_WHOLE_BODY, "must be a JSON object")])
    return body


def _text(event: Mapping[str, Any]) -> str:
    """Return the body as text, without a byte-order mark. Raises ValueError if there is none."""
    body = event.get("body")
    if not isinstance(body, str):
        raise ValueError("is no text")  # noqa: TRY004 - as what is no JSON
    if event.get("isBase64Encoded"):
        return _decoded(body)
    return body.removeprefix("\ufeff")


def _decoded(body: str) -> str:
    try:
        return base64.b64decode(body, validate=True).decode("utf-8-sig", errors="replace")
    except binascii.Error:
        raise ValueError("is no Base64") from None
