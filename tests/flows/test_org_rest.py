"""The REST interface of the org in memory: strict about tokens, paths and fields, with Salesforce's errors."""

import json
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.rest.answers import Answer, Request
from local.salesforce_org.rest.interface import RestInterface
from local.salesforce_org.rest.routing import DATA, Route
from local.salesforce_org.rest.tokens import PATH

EVENTS = f"{DATA}/sobjects/Stigg_Event__e"
EVENT = {"Event_ID__c": "event-1", "Event_Time__c": "2026-11-30T00:00:00Z"}
FORM = b"grant_type=client_credentials&client_id=client-1&client_secret=secret-1"


@pytest.fixture
def rest(org: Org) -> RestInterface:
    """The interface of an org with one External Client App."""
    return RestInterface(org, {"client-1": "secret-1"})


def post(rest: RestInterface, path: str, body: object, **headers: str) -> Answer:
    """Send a request with a valid token, unless other headers are given."""
    token = rest.answer(Request("POST", PATH, body=FORM)).content["access_token"]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return rest.answer(Request("POST", path, headers or {"authorization": f"Bearer {token}"}, content))


def code(answer: Answer) -> tuple[int, Any]:
    """Return status and error code of an answer."""
    return answer.status, answer.content[0]["errorCode"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (FORM.replace(b"client_credentials", b"password"), "unsupported_grant_type"),
        (FORM.replace(b"client-1", b"client-2"), "invalid_client_id"),
        (FORM.replace(b"secret-1", b"secret-2"), "invalid_client"),
    ],
)
def test_no_token_without_credentials(rest: RestInterface, form: bytes, error: str) -> None:
    """Another grant, an unknown app and a wrong secret are refused."""
    answer = rest.answer(Request("POST", PATH, body=form))

    assert (answer.status, answer.content["error"]) == (400, error)


def test_a_token_is_needed_and_expires(rest: RestInterface) -> None:
    """Without a token, and with an expired one, the answer is 401 INVALID_SESSION_ID."""
    assert code(post(rest, EVENTS, EVENT, authorization="Bearer none")) == (401, "INVALID_SESSION_ID")
    token = rest.answer(Request("POST", PATH, body=FORM)).content["access_token"]
    rest.tokens.expire()
    assert code(post(rest, EVENTS, EVENT, authorization=f"Bearer {token}")) == (401, "INVALID_SESSION_ID")


def test_an_event_is_published(rest: RestInterface, org: Org) -> None:
    """An accepted event is queued, and waits for its Flows."""
    answer = post(rest, EVENTS, EVENT)

    assert (answer.status, answer.content["success"]) == (201, True)
    assert answer.content["errors"][0]["statusCode"] == "OPERATION_ENQUEUED"
    assert [one["Event_ID__c"] for one in org.published] == ["event-1"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({**EVENT, "Color__c": "red"}, "INVALID_FIELD"),
        ({**EVENT, "Type__c": 7}, "JSON_PARSER_ERROR"),
        ({**EVENT, "Event_Time__c": ""}, "JSON_PARSER_ERROR"),
        ({**EVENT, "Ends_On__c": "2026-11-30T"}, "STRING_TOO_LONG"),
        ({"Event_ID__c": "event-1"}, "REQUIRED_FIELD_MISSING"),
        (b"{", "JSON_PARSER_ERROR"),
        ([], "JSON_PARSER_ERROR"),
    ],
)
def test_what_no_event_is(rest: RestInterface, org: Org, body: object, error: str) -> None:
    """An unknown field, a value of a wrong type or length, a missing field and a broken body are refused."""
    assert code(post(rest, EVENTS, body)) == (400, error)
    assert org.published == []


def test_paths_and_methods(rest: RestInterface) -> None:
    """What the org does not have is 404, another method 405; a route that is added answers."""
    rest.routes.add(Route("POST", f"{DATA}/limits", lambda _: Answer(200, {})))

    assert code(post(rest, f"{DATA}/sobjects/Other__e", EVENT)) == (404, "NOT_FOUND")
    assert code(post(rest, "/services/data/v1.0/limits", EVENT)) == (404, "NOT_FOUND")
    assert code(rest.answer(Request("GET", EVENTS))) == (405, "METHOD_NOT_ALLOWED")
    assert post(rest, f"{DATA}/limits", {}).status == 200


def test_several_requests_in_one(rest: RestInterface, org: Org) -> None:
    """The parts of a composite request are answered one by one, in their order."""
    parts = [
        {"method": "POST", "url": EVENTS, "referenceId": "good", "body": EVENT},
        {"method": "POST", "url": EVENTS, "referenceId": "bad", "body": {}},
    ]

    answer = post(rest, f"{DATA}/composite", {"compositeRequest": parts})

    answered = [(one["referenceId"], one["httpStatusCode"]) for one in answer.content["compositeResponse"]]
    assert (answered, len(org.published)) == ([("good", 201), ("bad", 400)], 1)
    assert code(post(rest, f"{DATA}/composite", {"compositeRequest": []})) == (400, "JSON_PARSER_ERROR")
    assert code(post(rest, f"{DATA}/composite", {"compositeRequest": parts * 13})) == (400, "LIMIT_EXCEEDED")
