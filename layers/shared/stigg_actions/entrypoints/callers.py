"""The callers, API Gateway or an AWS service directly: how each passes a request and receives an answer."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from stigg_actions import decimal_json
from stigg_actions.errors import ActionError, Problem, RequestInvalid
from stigg_actions.models import parsing

CORRELATION_HEADER = "x-correlation-id"


_CORRELATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:|-]{0,127}", re.ASCII)


class Caller(Protocol):
    """A call from any kind of caller."""

    @property
    def name(self) -> str:
        """The kind of caller: ``api`` or ``direct``."""
        ...

    @property
    def correlation_id(self) -> str:
        """The id of the call, unless its body carries one."""
        ...

    @property
    def api_request_id(self) -> str | None:
        """The id of the call in API Gateway's access log; None for a direct invocation."""
        ...

    def body(self, longest: int = parsing.LONGEST_BODY) -> dict[str, Any]:
        """Return the request's body. Raises RequestInvalid if it is malformed or longer than ``longest`` bytes."""
        ...

    def succeed(self, body: Mapping[str, Any]) -> Any:
        """Return the answer to a call that succeeded."""
        ...

    def fail(self, error: ActionError, body: Mapping[str, Any]) -> Any:
        """Return or raise the answer to a call that failed."""
        ...


class ApiGatewayCaller(NamedTuple):
    """A call through API Gateway (proxy event): the body is text, the answer has an HTTP status."""

    event: Mapping[str, Any]
    correlation_id: str
    api_request_id: str | None = None
    name: str = "api"

    def body(self, longest: int = parsing.LONGEST_BODY) -> dict[str, Any]:
        """Return the body, decoded if API Gateway treated it as binary."""
        text = self.event.get("body") or ""
        if not isinstance(text, str):
            raise RequestInvalid([Problem(parsing.WHOLE_BODY, "is not text")])
        if not self.event.get("isBase64Encoded"):
            return parsing.read_text(text, longest)
        try:
            return parsing.read_text(base64.b64decode(text, validate=True).decode(), longest)
        except ValueError:  # not Base64 or not UTF-8
            raise RequestInvalid([Problem(parsing.WHOLE_BODY, "is not text in UTF-8")]) from None

    def succeed(self, body: Mapping[str, Any]) -> Any:
        """Return a proxy answer with status 200. A Flow has outputs by status, so there is only one."""
        return _proxy_answer(200, body)

    def fail(self, error: ActionError, body: Mapping[str, Any]) -> Any:
        """Return a proxy answer with the status of the error, so that a Flow takes its fault path."""
        return _proxy_answer(error.http_status, body)


class DirectCaller(NamedTuple):
    """A direct invocation: the event is the body, and a failure is raised as the class of its category."""

    event: Any
    correlation_id: str
    api_request_id: None = None
    name: str = "direct"

    def body(self, longest: int = parsing.LONGEST_BODY) -> dict[str, Any]:
        """Return the event."""
        return parsing.read_value(self.event, longest)

    def succeed(self, body: Mapping[str, Any]) -> Any:
        """Return the body in types that the Lambda runtime can write."""
        return json.loads(decimal_json.dumps(body))

    def fail(self, error: ActionError, body: Mapping[str, Any]) -> Any:
        """Raise the error with the envelope as its message, because Step Functions matches on the class name."""
        error.args = (decimal_json.dumps(body),)
        raise error


def caller_of(event: Any, context: Any) -> Caller:
    """Recognize the caller, and take or create the correlation id of the call."""
    request_id = getattr(context, "aws_request_id", None) or str(uuid4())
    if not isinstance(event, dict):
        return DirectCaller(event, request_id)
    if "requestContext" in event and "httpMethod" in event:
        given = event.get("headers")
        headers = {str(name).lower(): value for name, value in given.items()} if isinstance(given, dict) else {}
        of_gateway = _of_gateway(event["requestContext"])
        named = correlation_id(headers.get(CORRELATION_HEADER)) or of_gateway or request_id
        return ApiGatewayCaller(event, named, of_gateway)
    return DirectCaller(event, request_id)


def correlation_id(given: Any) -> str | None:
    """Return a caller's correlation id if it is well formed, else None."""
    return given if isinstance(given, str) and _CORRELATION_ID.fullmatch(given) else None


def _of_gateway(request_context: Any) -> str | None:
    return correlation_id(request_context.get("requestId")) if isinstance(request_context, dict) else None


def _proxy_answer(status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", "X-Correlation-Id": body["correlationId"]},
        "body": decimal_json.dumps(body),
        "isBase64Encoded": False,
    }


type Handler = Callable[[Any, Any], Any]
