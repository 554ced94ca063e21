"""Composite requests: several requests in one, in their order. References between them are not played."""

import json
from collections.abc import Callable
from typing import Any

from local.salesforce_org.rest.answers import Answer, Request, RestError
from local.salesforce_org.rest.routing import DATA, Route

MOST_REQUESTS = 25
type Answering = Callable[[Request], Answer]


def route(answer: Answering) -> Route:
    """Return the route of composite requests, whose parts are answered like requests of their own."""
    return Route("POST", f"{DATA}/composite", lambda request: _answer_all(request, answer))


def _answer_all(request: Request, answer: Answering) -> Answer:
    parts = request.json().get("compositeRequest")
    if not isinstance(parts, list) or not parts:
        raise RestError(400, "JSON_PARSER_ERROR", "compositeRequest must be a list with at least one request")
    if len(parts) > MOST_REQUESTS:
        raise RestError(400, "LIMIT_EXCEEDED", f"The limit of {MOST_REQUESTS} requests is exceeded.")
    return Answer(200, {"compositeResponse": [_answer_one(request, part, answer) for part in parts]})


def _answer_one(request: Request, part: dict[str, Any], answer: Answering) -> dict[str, Any]:
    body = json.dumps(part["body"]).encode() if "body" in part else b""
    answered = answer(Request(part["method"], part["url"], request.headers, body))
    return {
        "body": answered.content,
        "httpHeaders": dict(answered.headers),
        "httpStatusCode": answered.status,
        "referenceId": part["referenceId"],
    }
