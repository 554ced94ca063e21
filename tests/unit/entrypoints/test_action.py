"""The way in, for every kind of caller."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx
import pytest
from pydantic import Field

from stigg_actions.deps import Container, Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.errors import (
    ActionError,
    Conflict,
    InProgress,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    RequestInvalid,
    StiggReply,
    StiggUnavailable,
)
from stigg_actions.models.base import Answer
from stigg_actions.models.create_customer import CreateCustomer
from stigg_actions.models.reconcile import Reconcile
from stigg_actions.stigg.transport import Transport
from tests.support.fakes import SETTINGS, FakeClock, FakeDynamoDB, FakeSecretsManager, ScriptedStigg, data, secret_text
from tests.support.fixtures import Console

ORG = "00D000000000001EAA"
BODY = {"customerId": "acme", "name": "Acme Secret Holding", "email": "jane.doe@acme.example"}
FAILURES = [
    (NotFound("PLAN_NOT_FOUND", "No."), 404),
    (Refused("REFUSED_BY_STIGG", "No."), 422),
    (Refused("OPEN_INVOICE", "No."), 409),
    (Conflict("IDEMPOTENCY_CONFLICT", "No."), 409),
    (InProgress("IN_PROGRESS", "Later.", retry_after_seconds=5), 409),
    (RateLimited("RATE_LIMITED", "Later.", retry_after_seconds=60), 429),
    (Misconfigured("NOT_CONFIGURED", "No."), 500),
    (StiggUnavailable("STIGG_UNAVAILABLE", "Later."), 503),
    (OutcomeUnknown("OUTCOME_UNKNOWN", "Later."), 504),
]
REFUSALS = [(error, status) for error, status in FAILURES if status < 500]


class Said(Answer):
    """An answer with something to say."""

    heard: Annotated[str | None, Field(description="What was heard.")] = None


@dataclass(frozen=True)
class Context:
    """What the Lambda runtime tells of an invocation."""

    milliseconds: int = 30_000
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return self.milliseconds


@dataclass
class Stage:
    """An action that does as it is told, and remembers how it was called."""

    container: Callable[[], Container]
    outcome: ActionError | str = "created"
    calls: list[tuple[CreateCustomer, Deps]] = field(default_factory=list)

    def act(self, request: CreateCustomer, deps: Deps) -> Said:
        """Remember the call, then fail or answer."""
        self.calls.append((request, deps))
        if isinstance(self.outcome, ActionError):
            raise self.outcome
        return Said(outcome=self.outcome, heard=request.name)

    def api(self, body: object, context: object = None, **event: object) -> tuple[int, dict[str, Any]]:
        """Call through API Gateway."""
        text = body if isinstance(body, str) else json.dumps(body)
        gateway = {"httpMethod": "POST", "requestContext": {}, "headers": {}, "body": text, **event}
        answer = self._handler()(gateway, context)
        return answer["statusCode"], json.loads(answer["body"])

    def direct(self, event: object, context: object = None) -> Any:  # noqa: ANN401 - any JSON
        """Call directly."""
        return self._handler()(event, context)

    def _handler(self) -> Callable[[Any, Any], Any]:
        def create_customer(request: CreateCustomer, deps: Deps) -> Said:
            return self.act(request, deps)

        return entrypoint(create_customer, self.container)


@pytest.fixture
def stage(clock: FakeClock) -> Iterator[Stage]:
    """An action over a Stigg that is never asked."""
    with ExitStack() as resources:
        wire = Transport(SETTINGS.stigg_api_url, transport=httpx.MockTransport(ScriptedStigg(data({}))))
        container = Container(
            SETTINGS,
            dynamodb=FakeDynamoDB().client,
            secrets_manager=FakeSecretsManager(secret_text()).client,
            wire=resources.enter_context(closing(wire)),
            clock=clock,
        )
        yield Stage(lambda: container)


def test_api(stage: Stage) -> None:
    """Through API Gateway, the answer of an action is an HTTP 200 with its body."""
    expected = {
        "success": True,
        "outcome": "created",
        "correlationId": "request-1",
        "replayed": False,
        "heard": "Acme Secret Holding",
    }

    assert (200, expected) == stage.api(BODY, Context())


def test_direct(stage: Stage) -> None:
    """A direct caller gets the body itself."""
    answer = stage.direct(BODY, Context())

    assert (answer["success"], answer["outcome"], answer["correlationId"]) == (True, "created", "request-1")


def test_base64(stage: Stage) -> None:
    """A body that API Gateway took for binary is decoded."""
    status, _ = stage.api(base64.b64encode(json.dumps(BODY).encode()).decode(), isBase64Encoded=True)

    assert status == 200


@pytest.mark.parametrize(
    ("fields", "headers", "expected"),
    [
        ({"correlationId": "body-1"}, {"X-Correlation-Id": "header-1"}, "body-1"),
        ({"correlationId": "  body-1 \n"}, {"X-Correlation-Id": "header-1"}, "body-1"),
        ({}, {"X-Correlation-Id": "header-1"}, "header-1"),
        ({}, {}, "request-1"),
    ],
)
def test_correlation_id(stage: Stage, fields: dict[str, str], headers: dict[str, str], expected: str) -> None:
    """The body's correlation id goes before the header's, and that before the request's own."""
    _, body = stage.api({**BODY, **fields}, Context(), headers=headers)

    assert expected == body["correlationId"]
    assert expected == stage.calls[0][1].correlation_id


def test_bad_correlation_id(stage: Stage) -> None:
    """A malformed correlation id is refused, and not repeated in the answer."""
    status, body = stage.api({**BODY, "correlationId": "a b"}, Context())

    assert (status, body["correlationId"], body["details"][0]["field"]) == (400, "request-1", "correlationId")


@pytest.mark.parametrize(("error", "status"), FAILURES)
def test_api_failures(stage: Stage, error: ActionError, status: int) -> None:
    """Through API Gateway, a failure has its HTTP status and the envelope."""
    stage.outcome = error

    assert (status, error.envelope("request-1")) == stage.api(BODY, Context())


@pytest.mark.parametrize(("error", "status"), FAILURES)
def test_direct_failures(stage: Stage, error: ActionError, status: int) -> None:
    """To a direct caller, a failure is raised under the name of its category, with the envelope as its message."""
    stage.outcome, envelope = error, error.envelope("request-1")
    with pytest.raises(type(error)) as raised:
        stage.direct(BODY, Context())

    assert envelope == json.loads(str(raised.value))
    assert status == raised.value.http_status


@pytest.mark.parametrize(("error", "_status"), REFUSALS)
@pytest.mark.parametrize("wish", [False, "false", " False "])
def test_tolerated_refusals(stage: Stage, error: ActionError, _status: int, wish: object) -> None:
    """A caller who prefers answers to faults gets refusals as answers, whichever way it calls."""
    stage.outcome, envelope = error, error.envelope("request-1")
    body = {**BODY, "faultOnError": wish}

    assert (200, envelope) == stage.api(body, Context())
    assert envelope == stage.direct(body, Context())


@pytest.mark.parametrize(("error", "status"), [failure for failure in FAILURES if failure not in REFUSALS])
def test_faults_are_never_tolerated(stage: Stage, error: ActionError, status: int) -> None:
    """What is no caller's fault stays a fault."""
    stage.outcome = error
    body = {**BODY, "faultOnError": False}

    assert stage.api(body, Context())[0] == status
    with pytest.raises(type(error)):
        stage.direct(body, Context())


def test_tolerated_bad_request(stage: Stage) -> None:
    """The wish for answers counts even where something else of the request is wrong."""
    status, body = stage.api({"customerId": "a b", "faultOnError": False})

    assert (status, body["success"], body["errorCode"]) == (200, False, "INVALID_REQUEST")


@pytest.mark.parametrize("wish", [0, "no", None, [], "true", True])
def test_no_tolerance(stage: Stage, wish: object) -> None:
    """Anything but false is no wish for answers."""
    status, _ = stage.api({"customerId": "a b", "faultOnError": wish})

    assert status == 400


@pytest.mark.parametrize("body", ["", "[]", "5", "{", '{"customerId": "a", "customerId": "b"}', "null"])
def test_bad_bodies(stage: Stage, body: str) -> None:
    """A body that cannot be read is a bad request; the action is not called."""
    status, answer = stage.api(body, Context())

    assert (status, answer["errorCode"], answer["correlationId"]) == (400, "INVALID_REQUEST", "request-1")
    assert stage.calls == []


@pytest.mark.parametrize("event", [None, [], "text", 5, {}, {"customerId": 5}])
def test_bad_events(stage: Stage, event: object) -> None:
    """A direct call that cannot be read is raised as a bad request."""
    with pytest.raises(RequestInvalid):
        stage.direct(event)


@pytest.mark.parametrize(("org", "expected"), [(ORG, 200), ("00D000000000002EAA", 403)])
def test_org_guard(stage: Stage, org: str, expected: int) -> None:
    """A request of an org that the environment does not serve never reaches the action."""
    status, _ = stage.api({**BODY, "salesforceOrgId": org})

    assert expected == status
    assert len(stage.calls) == (expected == 200)


@pytest.mark.parametrize(
    ("context", "expected"), [(None, 25.0), (Context(30_000), 25.0), (Context(20_000), 17.0), (Context(1_000), 0.0)]
)
def test_time(stage: Stage, context: object, expected: float) -> None:
    """An action has the time that its caller still waits, less what the answer needs."""
    stage.api(BODY, context)

    assert expected == stage.calls[0][1].deadline.seconds_left()


@pytest.mark.parametrize(("context", "expected"), [(None, 240.0), (Context(270_000), 240.0), (Context(100_000), 97.0)])
def test_time_of_the_reconciliation(stage: Stage, context: object, expected: float) -> None:
    """What nobody waits for has the time of its function, less what the answer needs."""
    seconds = []

    def reconcile(request: Reconcile, deps: Deps) -> Answer:
        seconds.append(deps.deadline.seconds_left())
        return Answer(outcome=str(request.scheduled))

    entrypoint(reconcile, stage.container)({"scheduled": True}, context)

    assert seconds == [expected]


def test_container_in_trouble(stage: Stage) -> None:
    """A deployment that lacks a setting answers so, and only once a request has been read."""

    def broken() -> Container:
        raise Misconfigured("NOT_CONFIGURED", "The environment variable MAPPINGS_TABLE is not set.")

    stage.container = broken

    assert stage.api(BODY)[0] == 500
    assert stage.api("{")[0] == 400


def test_line_of_a_success(stage: Stage, console: Console) -> None:
    """A success is one line: what was done for which record, and under which id."""
    stage.api({**BODY, "salesforceRecordId": "a0D30000001n7Pi"}, Context())
    line, counts = console.lines()
    expected = {
        "action": "create_customer",
        "caller": "api",
        "correlationId": "request-1",
        "salesforceRecordId": "a0D30000001n7PiEAI",
        "customerId": "acme",
        "functionRequestId": "request-1",
        "outcome": "created",
        "replayed": False,
        "cold": True,
        "stiggCalls": 0,
        "stiggMs": 0,
        "dynamodbCalls": 0,
        "dynamodbMs": 0,
        "retries": 0,
    }

    assert expected == {name: line.get(name) for name in expected}
    assert {"apiRequestId", "errorCode", "invalidFields", "stiggErrorCode", "stiggTraceId"}.isdisjoint(line)
    assert (counts["action"], counts["Calls"], "Failures" in counts) == ("create_customer", [1.0], False)


def test_line_of_a_call_through_api_gateway(stage: Stage, console: Console) -> None:
    """The line has API Gateway's own id of the call, which is the call's id where the caller gives none."""
    stage.api(BODY, Context(), requestContext={"requestId": "gateway-1"})
    stage.api(BODY, Context(), requestContext={"requestId": "gateway-2"}, headers={"X-Correlation-Id": "flow-1"})
    lines = [line for line in console.lines() if line.get("message") == "call"]

    assert [(line["correlationId"], line["apiRequestId"], line["functionRequestId"]) for line in lines] == [
        ("gateway-1", "gateway-1", "request-1"),
        ("flow-1", "gateway-2", "request-1"),
    ]


def test_line_tells_what_the_action_took(stage: Stage, console: Console) -> None:
    """The line has the calls that the action made, also where it failed afterwards."""

    def act(_request: CreateCustomer, deps: Deps) -> Said:
        deps.stigg.reach()
        deps.stats.retries += 2
        raise NotFound("PLAN_NOT_FOUND", "No.")

    entrypoint(act, stage.container)({"httpMethod": "POST", "requestContext": {}, "body": json.dumps(BODY)}, None)
    line = console.lines()[0]

    assert (line["stiggCalls"], line["retries"], line["errorCode"]) == (1, 2, "PLAN_NOT_FOUND")


def test_only_the_first_call_is_cold(stage: Stage, console: Console) -> None:
    """The first call of a process is marked, whoever makes it and whatever comes of it."""
    handler = entrypoint(stage.act, stage.container)
    for body in ("{", json.dumps(BODY), json.dumps(BODY)):
        handler({"httpMethod": "POST", "requestContext": {}, "body": body}, None)

    assert [line["cold"] for line in console.lines() if line.get("message") == "call"] == [True, False, False]


@pytest.mark.parametrize("wish", [True, False])
def test_line_of_a_failure(stage: Stage, console: Console, *, wish: bool) -> None:
    """A failure is one line with Stigg's own words for its support, tolerated or not."""
    stage.outcome = NotFound("PLAN_NOT_FOUND", "No.", stigg=StiggReply(404, "PlanNotFound", "No.", "trace-1"))
    stage.api({**BODY, "faultOnError": wish}, Context())
    line, counts = console.lines()
    expected = {
        "outcome": "failed",
        "errorCode": "PLAN_NOT_FOUND",
        "stiggErrorCode": "PlanNotFound",
        "stiggTraceId": "trace-1",
    }

    assert expected == {name: line.get(name) for name in expected}
    assert (counts["Failures"], counts["PLAN_NOT_FOUND"]) == ([1.0], [1.0])


@pytest.mark.parametrize("outcome", ["created", *(error for error, _ in FAILURES)], ids=str)
def test_discretion(stage: Stage, console: Console, outcome: ActionError | str) -> None:
    """No log line holds a name, an e-mail address or a key."""
    stage.outcome = outcome
    stage.api(BODY, Context())
    stage.api({**BODY, "customerId": "a b"}, Context())
    stage.api({**BODY, "salesforceRecordId": "jane.doe@acme.example"}, Context())
    text = console.text()

    assert text.count('"message":"call"') == 3
    assert not [word for word in ("Acme", "jane", "acme.example", "server-", "a b") if word in text]


@pytest.mark.parametrize("record", ["a0D30000001n7P", "jane.doe@example", "jane:doe:smith1", "a" * 17, 5, None])
def test_no_record_in_line(stage: Stage, console: Console, record: object) -> None:
    """Only what looks like a record id is logged as one."""
    stage.api({"salesforceRecordId": record})
    line = console.lines()[0]

    assert "salesforceRecordId" not in line


@pytest.mark.parametrize("record", ["a0D30000001n7Pi", " a0D30000001n7PiEAI\n", "a0d30000001n7pieai"])
def test_one_form_of_a_record(stage: Stage, console: Console, record: str) -> None:
    """A record is logged in its 18-character form, however it was sent, so that one search finds all of its calls."""
    stage.api({**BODY, "salesforceRecordId": record})

    assert console.lines()[0]["salesforceRecordId"] == "a0D30000001n7PiEAI"


def test_mistyped_record_in_line(stage: Stage, console: Console) -> None:
    """A record id whose check characters do not fit is refused, and logged as it was sent."""
    stage.api({**BODY, "salesforceRecordId": "a0D30000001n7PiAAA"})
    line = console.lines()[0]

    assert (line["salesforceRecordId"], line["invalidFields"]) == ("a0D30000001n7PiAAA", "salesforceRecordId")


def test_ids_in_line(stage: Stage, console: Console) -> None:
    """The line has the ids of the request, those that the action noted, and those of the answer, each once."""

    def act(_request: CreateCustomer, deps: Deps) -> Said:
        deps.subjects.note(operationKey="customer-1", customerId="acme")
        deps.subjects.note(operationKey="customer-2", subscriptionId=None)
        return Said(outcome="created", heard="Acme Secret Holding")

    event = {"httpMethod": "POST", "requestContext": {}, "body": json.dumps(BODY)}
    entrypoint(act, stage.container)(event, None)
    line = console.lines()[0]

    assert (line["operationKey"], line["customerId"]) == ("customer-1, customer-2", "acme")
    assert "subscriptionId" not in line


def test_wrong_fields_in_line(stage: Stage, console: Console) -> None:
    """The line of a bad request names the wrong fields, the unknown ones too, and shows none of their values."""
    stage.api({"customerId": "acme", "name": 5, "emial": "jane.doe@acme.example", "jane@acme.example": 1})
    line = console.lines()[0]

    assert line["errorCode"] == "INVALID_REQUEST"
    assert set(line["invalidFields"].split(", ")) == {"name", "emial", "?"}


@pytest.mark.parametrize(("error", "status"), FAILURES)
def test_level_of_failures(stage: Stage, console: Console, error: ActionError, status: int) -> None:
    """A failure that is no caller's is logged as an error; a refusal is business as usual."""
    stage.outcome = error
    stage.api(BODY)

    assert console.lines()[0]["level"] == ("ERROR" if status >= 500 else "INFO")
