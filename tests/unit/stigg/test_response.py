"""What Stigg's answers mean."""

import json

import pytest

from stigg_actions.errors import StiggReply
from stigg_actions.stigg.response import Reply, Verdict, classify
from stigg_actions.stigg.retry import Fate


def reply(status: int, text: str, **headers: str) -> Reply:
    """Build a reply; header names are written with underscores."""
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"data": {"id": "acme"}}', {"id": "acme"}),
        ('{"id": "acme"}', {"id": "acme"}),
        ('{"id": "acme", "data": {"x": 1}}', {"id": "acme", "data": {"x": 1}}),
        ('{"id": "request-1", "data": {"id": "acme"}}', {"id": "acme"}),
        ('{"data": [], "pagination": {"next": null}}', {"data": [], "pagination": {"next": None}}),
        ('{"id": "acme", "message": "Hello"}', {"id": "acme", "message": "Hello"}),
        ('{"data": {}, "message": "Hello"}', {}),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_success(status: int, text: str, expected: object) -> None:
    """A success comes in an envelope, bare, or as a page."""
    assert Verdict(Fate.ANSWERED, data=expected) == classify(reply(status, text))


@pytest.mark.parametrize("text", ["", "<html>", "[1]", '"text"', '{"data": {"id": "'])
def test_garbage(text: str) -> None:
    """A success that cannot be read is as good as lost."""
    assert Verdict(Fate.LOST) == classify(reply(200, text))


@pytest.mark.parametrize(
    "response", ["[" * 40 + "]" * 40, '"\\ud83d"', "1" * 50, '{"a": 1, "a": 2}', "NaN"], ids=range(5)
)
def test_odd_success(response: str) -> None:
    """A success that can be read is one, however odd it is."""
    verdict = classify(reply(200, f'{{"data": {{"triggerWorkflow": {{"success": true, "response": {response}}}}}}}'))

    assert (verdict.fate, verdict.data["triggerWorkflow"]["success"]) == (Fate.ANSWERED, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"message": "No.", "code": "BadUserInput", "traceId": "t-1"}', ("BadUserInput", "No.", "t-1")),
        ('{"message": "No.", "code": null}', (None, "No.", None)),
        ('{"message": ["a must be b", "c must be d"], "code": "X"}', ("X", "a must be b; c must be d", None)),
        ('{"error": {"code": "X", "message": "No.", "traceId": "t-1"}}', ("X", "No.", "t-1")),
        ('{"error": {"code": "X", "message": "No."}, "traceId": "t-2"}', ("X", "No.", "t-2")),
        ('{"error": "rate_limit_exceeded", "message": "Too many."}', ("rate_limit_exceeded", "Too many.", None)),
        ('{"errors": [{"message": "No.", "extensions": {"code": "X", "traceId": "t-1"}}]}', ("X", "No.", "t-1")),
        ('{"errors": [{"message": "No.", "extensions": null}], "data": null}', (None, "No.", None)),
        ('{"errors": [{}]}', (None, None, None)),
        ('{"message": 5, "code": 6, "traceId": 7}', (None, None, None)),
        ('{"message": []}', (None, None, None)),
        ('{"message": ""}', (None, None, None)),
        ('{"errors": []}', (None, None, None)),
        ("", (None, None, None)),
        ("<html>Bad Gateway</html>", (None, None, None)),
        ("[]", (None, None, None)),
    ],
)
def test_error_forms(text: str, expected: tuple[str | None, str | None, str | None]) -> None:
    """Code, message and trace id are found in every form of an error."""
    verdict = classify(reply(422, text))

    assert StiggReply(422, *expected) == verdict.error


@pytest.mark.parametrize("header", ["x-trace-id", "x-request-id", "traceparent"])
def test_trace_in_headers(header: str) -> None:
    """Without a trace id in the body, that of the headers is taken."""
    verdict = classify(Reply(400, {header: "t-9"}, '{"message": "No."}'))

    assert StiggReply(400, None, "No.", "t-9") == verdict.error


def test_trace_in_both() -> None:
    """The body's trace id goes first."""
    verdict = classify(reply(400, '{"message": "No.", "traceId": "body"}', x_trace_id="header"))

    assert StiggReply(400, None, "No.", "body") == verdict.error


def test_long_message() -> None:
    """A message is cut at 500 characters."""
    verdict = classify(reply(400, '{"message": "' + "x" * 600 + '"}'))

    assert StiggReply(400, None, "x" * 500) == verdict.error


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("email jane.doe@acme.example is taken", "email (e-mail address) is taken"),
        ("<jane@acme.example>, (joe@acme)", "<(e-mail address)>, ((e-mail address))"),
        ("jane@acme.example", "(e-mail address)"),
        ("5 @ 3", "5 @ 3"),
        ("x" * 490 + " jane@acme.example", "x" * 490 + " (e-mail a"),
    ],
    ids=range(5),
)
def test_no_addresses(said: str, expected: str) -> None:
    """E-mail addresses in Stigg's words go no further: the words are logged and stored."""
    verdict = classify(reply(400, json.dumps({"message": said})))

    assert verdict.error is not None
    assert verdict.error.message == expected


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, None, Fate.ANSWERED),
        (400, "BadUserInput", Fate.ANSWERED),
        (200, "WorkflowTriggerNotFound", Fate.ANSWERED),
        (404, None, Fate.ANSWERED),
        (409, "DuplicatedEntityNotAllowed", Fate.ANSWERED),
        (429, None, Fate.TURNED_AWAY),
        (200, "RateLimitExceeded", Fate.TURNED_AWAY),
        (503, "RATE_LIMIT_EXCEEDED", Fate.TURNED_AWAY),
        (409, "ObjectAlreadyBeingUsedByAnotherRequestError", Fate.TURNED_AWAY),
        (408, None, Fate.LOST),
        (500, None, Fate.LOST),
        (503, "BadUserInput", Fate.LOST),
        (400, "OperationTimeout", Fate.LOST),
        (200, "UNEXPECTED_ERROR", Fate.LOST),
        (200, "INTERNAL_SERVER_ERROR", Fate.LOST),
        (400, "INTERNAL_SERVER_ERROR", Fate.LOST),
        (200, "SomethingNew", Fate.LOST),
        (200, "StripeError", Fate.LOST),
        (200, "BAD_USER_INPUT", Fate.ANSWERED),
        (200, "InvalidArgumentError", Fate.ANSWERED),
        (200, "InvalidMetadataError", Fate.ANSWERED),
        (200, "GRAPHQL_VALIDATION_FAILED", Fate.ANSWERED),
        (200, "Unauthenticated", Fate.ANSWERED),
        (200, "AccessDeniedError", Fate.ANSWERED),
        (200, None, Fate.LOST),
        (302, None, Fate.LOST),
    ],
)
def test_fate(status: int, code: str | None, expected: Fate) -> None:
    """Status and code tell a definite answer from a throttled and from a lost request."""
    text = '{"message": "No."}' if code is None else f'{{"message": "No.", "code": "{code}"}}'

    assert expected is classify(reply(status, text)).fate


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "", True),
        (401, "Anything", True),
        (400, "UNAUTHENTICATED", True),
        (200, "ApiKeyExpired", True),
        (200, "ApiKeyNotFound", True),
        (403, "AccessDeniedError", False),
        (400, "BadUserInput", False),
    ],
)
def test_key_rejected(status: int, code: str, *, expected: bool) -> None:
    """A rejected key is told by status or code."""
    assert expected is classify(reply(status, f'{{"message": "No.", "code": "{code}"}}')).key_rejected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "0.5"}, 0.5),
        ({"retry_after": "3600"}, 60.0),
        ({"retry_after": "-1"}, None),
        ({"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"retry_after_ms": "1500"}, 1.5),
        ({"retry_after_ms": "1500", "retry_after": "7"}, 1.5),
        ({"retry_after_ms": "soon", "retry_after": "7"}, 7.0),
        ({"retry_after_ms": "9" * 400}, 60.0),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    """A server may ask for a delay in seconds or milliseconds, of a minute at most."""
    assert expected == classify(reply(429, "", **headers)).retry_after


@pytest.mark.parametrize(("status", "is_error"), [(199, True), (200, False), (299, False), (300, True)])
def test_what_counts_as_success(status: int, *, is_error: bool) -> None:
    """From 200 to 299 an answer without an error in it has none; with any other status it has, whatever it says."""
    assert (classify(reply(status, '{"id": "acme"}')).error is not None) == is_error
