"""Both kinds of caller."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from stigg_actions.entrypoints.callers import ApiGatewayCaller, DirectCaller, caller_of, correlation_id
from stigg_actions.errors import NotFound, Problem, RequestInvalid


@dataclass(frozen=True)
class Context:
    """What the Lambda runtime tells of an invocation."""

    aws_request_id: str = "request-1"


def api_event(body: str | None, **changes: object) -> dict[str, Any]:
    """Build an event of API Gateway."""
    return {"httpMethod": "POST", "requestContext": {}, "headers": {}, "body": body, **changes}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (api_event("{}"), "api"),
        ({"customerId": "acme"}, "direct"),
        ({"httpMethod": "POST"}, "direct"),
        (None, "direct"),
        ([1], "direct"),
        ("text", "direct"),
    ],
)
def test_callers(event: object, expected: str) -> None:
    """API Gateway is known by its event; anything else is a direct call."""
    assert expected == caller_of(event, None).name


@pytest.mark.parametrize(
    ("context", "expected"),
    [({"requestId": "gateway-1"}, "gateway-1"), ({"requestId": "no id"}, "request-1"), (None, "request-1")],
)
def test_correlation_id_of_api_gateway(context: object, expected: str) -> None:
    """A call that nobody has named has the id under which API Gateway's access log has it."""
    assert caller_of(api_event("{}", requestContext=context), Context()).correlation_id == expected


@pytest.mark.parametrize("name", ["X-Correlation-Id", "x-correlation-id", "X-CORRELATION-ID"])
def test_correlation_id_of_header(name: str) -> None:
    """API Gateway's callers name their call in a header, in any case."""
    assert caller_of(api_event("{}", headers={name: "flow-17"}), Context()).correlation_id == "flow-17"


@pytest.mark.parametrize("headers", [None, {}, {"X-Correlation-Id": ""}, {"X-Correlation-Id": "a b\r\nX-Evil: 1"}])
def test_correlation_id_of_context(headers: object) -> None:
    """Without a well-formed header, a call is named by its Lambda request."""
    assert caller_of(api_event("{}", headers=headers), Context()).correlation_id == "request-1"


@pytest.mark.parametrize("event", [api_event("{}"), {}, None])
def test_correlation_id_made(event: object) -> None:
    """Without a context, an id is made, another for each call."""
    ids = {UUID(caller_of(event, None).correlation_id) for _ in range(2)}

    assert len(ids) == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a", "a"),
        ("Flow:17|a.b-c_d", "Flow:17|a.b-c_d"),
        ("a" * 128, "a" * 128),
        ("a" * 129, None),
        ("", None),
        ("-a", None),
        ("a b", None),
        ("a\n", None),
        ("\u00e9", None),
        (5, None),
        (None, None),
    ],
)
def test_well_formed(given: object, expected: str | None) -> None:
    """A correlation id is short plain text, or it is ignored."""
    assert expected == correlation_id(given)


@pytest.mark.parametrize(
    ("body", "encoded"),
    [
        ('{"name": "M\u00fcller"}', False),
        (base64.b64encode('{"name": "M\u00fcller"}'.encode()).decode(), True),
    ],
)
def test_body(body: str, *, encoded: bool) -> None:
    """A body is text, or the Base64 of it if API Gateway took it for binary."""
    assert caller_of(api_event(body, isBase64Encoded=encoded), None).body() == {"name": "M\u00fcller"}


@pytest.mark.parametrize("body", ["{}", "e30", "e30=\n", "\u00e9", base64.b64encode(b"\xff\xfe").decode(), "===="])
def test_no_base64(body: str) -> None:
    """What is flagged as Base64 and is none, or no text, is refused."""
    with pytest.raises(RequestInvalid) as refused:
        caller_of(api_event(body, isBase64Encoded=True), None).body()

    assert refused.value.details == (Problem("body", "is not text in UTF-8"),)


@pytest.mark.parametrize("body", [None, "", " ", "[]", "5"])
@pytest.mark.parametrize("encoded", [True, False])
def test_no_object(body: str | None, *, encoded: bool) -> None:
    """A body that is missing or no object is refused."""
    text = base64.b64encode(body.encode()).decode() if encoded and body else body
    with pytest.raises(RequestInvalid):
        caller_of(api_event(text, isBase64Encoded=encoded), None).body()


def test_direct_body() -> None:
    """A direct call's event is its body."""
    assert caller_of({"amount": 0.1}, None).body() == {"amount": Decimal("0.1")}


ANSWER = {"success": True, "correlationId": "c-1", "amount": Decimal("2.50"), "at": datetime(2026, 1, 31, tzinfo=UTC)}
WRITTEN = {"success": True, "correlationId": "c-1", "amount": 2.5, "at": "2026-01-31T00:00:00Z"}


def test_api_success() -> None:
    """Through API Gateway, success is always HTTP 200 with JSON."""
    answer = ApiGatewayCaller({}, "c-1").succeed(ANSWER)
    expected = {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "X-Correlation-Id": "c-1"},
        "isBase64Encoded": False,
    }

    assert expected == {name: value for name, value in answer.items() if name != "body"}
    assert json.loads(answer["body"]) == WRITTEN


def test_direct_success() -> None:
    """A direct caller gets the body itself, in plain JSON types."""
    answer = DirectCaller({}, "c-1").succeed(ANSWER)

    assert answer == WRITTEN
    assert type(answer["amount"]) is float


def test_api_failure() -> None:
    """Through API Gateway, a failure has the status of its error."""
    error = NotFound("PLAN_NOT_FOUND", "No.")
    answer = ApiGatewayCaller({}, "c-1").fail(error, error.envelope("c-1"))

    assert (answer["statusCode"], json.loads(answer["body"])["errorCode"]) == (404, "PLAN_NOT_FOUND")


def test_direct_failure() -> None:
    """To a direct caller, a failure is raised under its category, with the envelope as its message."""
    error = NotFound("PLAN_NOT_FOUND", "No.")
    envelope = error.envelope("c-1")
    with pytest.raises(NotFound) as raised:
        DirectCaller({}, "c-1").fail(error, envelope)

    assert envelope == json.loads(str(raised.value))


@pytest.mark.parametrize("body", [{"a": 1}, 5, ["x"]])
def test_a_body_that_is_no_text(body: object) -> None:
    """A proxy event whose body is not text is refused as such."""
    with pytest.raises(RequestInvalid) as refused:
        ApiGatewayCaller({"body": body}, "call-1").body()

    assert refused.value.details == (Problem("body", "is not text"),)
