"""Sending a request until it is answered, refused, or the time is up."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.stigg_emulator.hosting import Emulator
from stigg_actions.clock import CallStats, Deadline, SystemClock
from stigg_actions.errors import (
    ActionError,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StiggUnavailable,
)
from stigg_actions.secrets import Secrets
from stigg_actions.stigg.request import StiggRequest
from stigg_actions.stigg.session import Session
from stigg_actions.stigg.transport import Transport
from tests.support.fakes import (
    KEY,
    ROTATED_KEY,
    Answer,
    FakeClock,
    FakeSecretsManager,
    ScriptedStigg,
    aws_error,
    data,
    refusal,
    secret_text,
    secrets_of,
)
from tests.support.fixtures import Connect

READ = StiggRequest("GET", "/api/v1/customers/acme")
PATCH = StiggRequest("PATCH", "/api/v1/customers/acme", {"name": "Acme"})
POST = StiggRequest("POST", "/api/v1/customers", {"id": "acme"}, idempotency_key="key-1")
TRIGGER = StiggRequest("POST", "/graphql", {"query": "mutation"})
ASK = StiggRequest("POST", "/api/v1/subscriptions/preview", {"planId": "plan-growth"}, asks=True)
ALL = pytest.mark.parametrize(
    "request_", [READ, ASK, PATCH, POST, TRIGGER], ids=["read", "ask", "patch", "post", "trigger"]
)
KEYED = pytest.mark.parametrize("request_", [READ, ASK, PATCH, POST], ids=["read", "ask", "patch", "post"])
LOST = (
    httpx.ReadError("reset"),
    httpx.ReadTimeout("late"),
    Answer(200, "<html>"),
    Answer(200, '{"data": {"id": "'),
    Answer(502, "Bad Gateway"),
    refusal("UnexpectedError", status=400),
    refusal("OperationTimeout", status=408),
)
REFUSED_CONNECTION = httpx.ConnectError("refused")
THROTTLED = refusal("RateLimitExceeded", status=429)
REJECTED = refusal("Unauthenticated", status=401)


@ALL
def test_answer(connect: Connect, request_: StiggRequest) -> None:
    """The data of an answer is returned at once."""
    stigg = ScriptedStigg(data({"id": "acme"}))

    assert connect(stigg).send(request_, subject="it") == {"id": "acme"}
    assert len(stigg.requests) == 1


@ALL
def test_refusal(connect: Connect, request_: StiggRequest) -> None:
    """A definite refusal is never repeated."""
    stigg = ScriptedStigg(refusal("BadUserInput", "Too odd."))
    with pytest.raises(Refused, match="REFUSED_BY_STIGG: Stigg refused the request: Too odd"):
        connect(stigg).send(request_, subject="it")

    assert len(stigg.requests) == 1


@ALL
@pytest.mark.parametrize("trouble", [REFUSED_CONNECTION, THROTTLED, refusal("ObjectAlreadyBeingUsedByAnotherRequest")])
def test_surely_not_done(
    connect: Connect, clock: FakeClock, request_: StiggRequest, trouble: Answer | Exception
) -> None:
    """What surely was not carried out is sent again, a workflow's trigger too."""
    stigg = ScriptedStigg(trouble, trouble, data({"id": "acme"}))

    assert connect(stigg).send(request_, subject="it") == {"id": "acme"}
    assert len(stigg.requests) == 3
    assert 0.375 <= clock.waited[0] <= 0.5
    assert 0.75 <= clock.waited[1] <= 1


@KEYED
@pytest.mark.parametrize("trouble", LOST, ids=range(len(LOST)))
def test_lost_and_repeated(connect: Connect, request_: StiggRequest, trouble: Answer | Exception) -> None:
    """What may have been done is sent again if that has no second effect, under the same idempotency key."""
    stigg = ScriptedStigg(trouble, data({"id": "acme"}))

    assert connect(stigg).send(request_, subject="it") == {"id": "acme"}
    assert [request_.idempotency_key] * 2 == [sent.headers.get("idempotency-key") for sent in stigg.requests]


@pytest.mark.parametrize("trouble", LOST, ids=range(len(LOST)))
def test_lost_trigger(connect: Connect, trouble: Answer | Exception) -> None:
    """A workflow's trigger whose answer was lost is never sent twice."""
    stigg = ScriptedStigg(trouble, data({"id": "acme"}))
    with pytest.raises(OutcomeUnknown):
        connect(stigg).send(TRIGGER, subject="it")

    assert len(stigg.requests) == 1


@pytest.mark.parametrize(
    ("request_", "trouble", "expected"),
    [
        (READ, LOST[0], StiggUnavailable),
        (ASK, LOST[0], StiggUnavailable),
        (PATCH, LOST[0], OutcomeUnknown),
        (POST, LOST[0], OutcomeUnknown),
        (POST, LOST[2], OutcomeUnknown),
        (POST, LOST[4], OutcomeUnknown),
        (READ, REFUSED_CONNECTION, StiggUnavailable),
        (POST, REFUSED_CONNECTION, StiggUnavailable),
        (TRIGGER, REFUSED_CONNECTION, StiggUnavailable),
        (POST, THROTTLED, RateLimited),
        (TRIGGER, THROTTLED, RateLimited),
    ],
)
def test_giving_up(
    connect: Connect, request_: StiggRequest, trouble: Answer | Exception, expected: type[ActionError]
) -> None:
    """After three attempts the error says whether something may have happened."""
    stigg = ScriptedStigg(trouble)
    with pytest.raises(ActionError) as given_up:
        connect(stigg).send(request_, subject="it")

    assert (expected, 3) == (type(given_up.value), len(stigg.requests))


@pytest.mark.parametrize("second", [REJECTED, refusal("AccessDeniedError", status=403)])
def test_lost_then_key_trouble(connect: Connect, second: Answer) -> None:
    """A write that was lost stays unknown when the key is refused next; a read is the key's trouble."""
    with pytest.raises(OutcomeUnknown):
        connect(ScriptedStigg(LOST[0], second)).send(POST, subject="it")
    with pytest.raises(Misconfigured):
        connect(ScriptedStigg(LOST[0], second)).send(READ, subject="it")


@pytest.mark.parametrize("trouble", [aws_error("ThrottlingException"), "no json"])
def test_lost_then_no_secret(connect: Connect, trouble: Exception | str) -> None:
    """A write that was lost stays unknown when the secret cannot be read next."""
    secrets = FakeSecretsManager(secret_text(), trouble)
    with pytest.raises(OutcomeUnknown):
        connect(ScriptedStigg(LOST[0], REJECTED), secrets=secrets).send(POST, subject="it")


@pytest.mark.parametrize("second", [THROTTLED, REFUSED_CONNECTION])
def test_lost_then_turned_away(connect: Connect, second: Answer | Exception) -> None:
    """A write that was lost once stays unknown, whatever the later attempts met."""
    with pytest.raises(OutcomeUnknown):
        connect(ScriptedStigg(LOST[0], second)).send(POST, subject="it")


@pytest.mark.parametrize(
    ("second", "refused"),
    [
        (refusal("BadUserInput"), True),
        (refusal("PlanNotFound", status=404), True),
        (THROTTLED, False),
        (REJECTED, False),
        (REFUSED_CONNECTION, False),
        (LOST[0], False),
    ],
    ids=["refused", "not found", "throttled", "key", "no connection", "lost"],
)
def test_lost_then_refused(connect: Connect, second: Answer | Exception, *, refused: bool) -> None:
    """Of a write that was lost and then refused only time tells; of any other unknown one the next try may."""
    with pytest.raises(OutcomeUnknown) as error:
        connect(ScriptedStigg(LOST[0], second)).send(POST, subject="it")

    assert error.value.refused_since is refused


def test_lost_then_refused_in_words(connect: Connect) -> None:
    """The error names why the next try failed, with Stigg's own words and trace."""
    second = Answer(422, {"message": "Too odd.", "code": "BadUserInput", "traceId": "t-9"})
    with pytest.raises(OutcomeUnknown, match=r"One answer of Stigg was lost.*REFUSED_BY_STIGG: .*Too odd") as error:
        connect(ScriptedStigg(LOST[0], second)).send(POST, subject="it")

    assert error.value.stigg.trace_id == "t-9"


@pytest.mark.parametrize(
    ("request_", "course", "expected"),
    [
        (READ, (Answer(503, "", {"Retry-After": "30"}),), StiggUnavailable),
        (POST, (Answer(503, "", {"Retry-After": "30"}),), OutcomeUnknown),
        (POST, (LOST[0], Answer(429, THROTTLED.body, {"Retry-After": "30"})), OutcomeUnknown),
        (READ, (LOST[0], Answer(429, THROTTLED.body, {"Retry-After": "30"})), RateLimited),
    ],
)
def test_a_wait_that_is_known(
    connect: Connect, request_: StiggRequest, course: tuple[Answer | Exception, ...], expected: type[ActionError]
) -> None:
    """Where Stigg says how long to wait, the caller is told, whatever else is known of the request."""
    with pytest.raises(expected) as error:
        connect(ScriptedStigg(*course)).send(request_, subject="it")

    assert error.value.retry_after_seconds == 30


def test_words_of_stigg(connect: Connect) -> None:
    """What Stigg said with the last attempt goes into the error."""
    with pytest.raises(OutcomeUnknown) as error:
        connect(ScriptedStigg(Answer(500, {"message": "Oops.", "code": "Y", "traceId": "t"}))).send(POST, subject="it")

    assert (error.value.stigg.status, error.value.stigg.code, error.value.stigg.trace_id) == (500, "Y", "t")


def test_retry_after(connect: Connect, clock: FakeClock) -> None:
    """Stigg's wish for a delay is honoured."""
    throttled = Answer(429, THROTTLED.body, {"Retry-After": "7"})
    connect(ScriptedStigg(throttled, data({}))).send(POST, subject="it")

    assert clock.waited == [7]


@pytest.mark.parametrize(("seconds", "expected"), [(10.0, 10.0), (240.0, 25.0)])
def test_one_attempt(connect: Connect, seconds: float, expected: float) -> None:
    """However much time a call has, one attempt takes no more than 25 s, so that what hangs is tried again."""
    given_up_after = []

    def hang(request: httpx.Request) -> httpx.Response:
        given_up_after.append(request.extensions["timeout"]["read"])
        return data({"id": "acme"}).response()

    connect(hang, seconds=seconds).send(READ, subject="customer acme")

    assert given_up_after == [expected]


def test_retry_after_beyond_the_deadline(connect: Connect, clock: FakeClock) -> None:
    """A delay for which there is no time is left to the caller."""
    throttled = Answer(429, THROTTLED.body, {"Retry-After": "30"})
    with pytest.raises(RateLimited) as error:
        connect(ScriptedStigg(throttled)).send(POST, subject="it")

    assert (error.value.retry_after_seconds, clock.waited) == (30, [])


@ALL
def test_no_time(connect: Connect, request_: StiggRequest) -> None:
    """With no time left nothing is sent."""
    stigg = ScriptedStigg(data({}))
    with pytest.raises(StiggUnavailable):
        connect(stigg, seconds=0).send(request_, subject="it")

    assert stigg.requests == []


@ALL
def test_rotated_key(connect: Connect, request_: StiggRequest) -> None:
    """A key that was rotated meanwhile is read again, and the request succeeds."""
    stigg = ScriptedStigg(REJECTED, data({"id": "acme"}))
    secrets = FakeSecretsManager(secret_text(), secret_text(apiKey=ROTATED_KEY))

    assert connect(stigg, secrets=secrets).send(request_, subject="it") == {"id": "acme"}
    assert [sent.headers["x-api-key"] for sent in stigg.requests] == [KEY, ROTATED_KEY]
    assert len(secrets.reads) == 2


def test_rotated_key_stays(connect: Connect) -> None:
    """The new key is used from then on."""
    stigg = ScriptedStigg(REJECTED, data({}))
    session = connect(stigg, secrets=FakeSecretsManager(secret_text(), secret_text(apiKey=ROTATED_KEY)))
    session.send(POST, subject="it")
    session.send(POST, subject="it")

    assert [sent.headers["x-api-key"] for sent in stigg.requests] == [KEY, ROTATED_KEY, ROTATED_KEY]


@ALL
@pytest.mark.parametrize(("renewed", "calls"), [(KEY, 1), (ROTATED_KEY, 2)])
def test_rejected_key(connect: Connect, request_: StiggRequest, renewed: str, calls: int) -> None:
    """A key that is still rejected is for the operator to mend; the same key is not tried twice."""
    stigg = ScriptedStigg(REJECTED)
    secrets = FakeSecretsManager(secret_text(), secret_text(apiKey=renewed))
    with pytest.raises(Misconfigured, match="STIGG_KEY_REJECTED: Stigg rejected the API key of the development"):
        connect(stigg, secrets=secrets).send(request_, subject="it")

    assert (calls, 2) == (len(stigg.requests), len(secrets.reads))


def test_rotated_key_and_lost_answer(connect: Connect) -> None:
    """An answer that is lost under the new key is retried like any other."""
    stigg = ScriptedStigg(REJECTED, LOST[0], data({"id": "acme"}))
    secrets = FakeSecretsManager(secret_text(), secret_text(apiKey=ROTATED_KEY))

    assert connect(stigg, secrets=secrets).send(POST, subject="it") == {"id": "acme"}


def test_key_without_permission(connect: Connect) -> None:
    """A key that lacks permission is no rejected key: it is not read again."""
    secrets = FakeSecretsManager(secret_text())
    with pytest.raises(Misconfigured, match="lacks permission"):
        connect(ScriptedStigg(refusal("AccessDeniedError", status=403)), secrets=secrets).send(POST, subject="it")

    assert len(secrets.reads) == 1


ATTEMPTS = st.sampled_from([*LOST, REFUSED_CONNECTION, THROTTLED, data({}), refusal("BadUserInput")])


@given(st.lists(ATTEMPTS, min_size=1, max_size=4), st.sampled_from([READ, ASK, PATCH, POST, TRIGGER]))
def test_any_course(course: list[Answer | Exception], request_: StiggRequest) -> None:
    """Whatever happens on the way, at most three requests go out and only the documented errors come back."""
    stigg, clock = ScriptedStigg(*course), FakeClock()
    deadline = Deadline.after(clock, 25)
    with closing(Transport("https://stigg.example", transport=httpx.MockTransport(stigg))) as wire:
        session = Session(
            wire, secrets_of(FakeSecretsManager(secret_text()), clock), deadline, "development", CallStats()
        )
        documented = (Refused, RateLimited, StiggUnavailable, *(() if request_.reads else (OutcomeUnknown,)))
        with suppress(*documented):
            session.send(request_, subject="it")

    assert len(stigg.requests) <= 3
    assert deadline.seconds_left() > 0


@contextmanager
def emulated(emulator: Emulator, *, seconds: float) -> Iterator[Session]:
    """Open a session with the Stigg emulator, for so many seconds of real time."""
    clock = SystemClock()
    manager = FakeSecretsManager(secret_text(apiKey=emulator.key))
    secrets = Secrets(manager.client, secret_id="stigg/development", environment="development", clock=clock)
    with closing(Transport(emulator.url)) as wire:
        yield Session(wire, secrets, Deadline.after(clock, seconds), "development", CallStats())


@pytest.mark.parametrize("fault", ["hang", "drip"])
@pytest.mark.parametrize(("request_", "expected"), [(READ, StiggUnavailable), (POST, OutcomeUnknown)])
def test_deadline(emulator: Emulator, fault: str, request_: StiggRequest, expected: type[ActionError]) -> None:
    """A server that hangs or drips never holds past the deadline."""
    emulator.fault("*", "/customers", fault)
    begun = time.monotonic()
    with emulated(emulator, seconds=0.4) as session, pytest.raises(expected):
        session.send(request_, subject="it")
    took = time.monotonic() - begun
    emulator.clear_faults()

    assert 0.35 < took < 1


def test_lost_answer_over_the_network(emulator: Emulator) -> None:
    """An answer lost after the effect is fetched by sending again under the same key: one customer, one effect."""
    emulator.fault("POST", "/customers", "cutAfter", times=1)
    with emulated(emulator, seconds=10) as session:
        customer = session.send(POST, subject="it")
        with pytest.raises(NotFound):
            session.send(StiggRequest("GET", "/api/v1/customers/nobody"), subject="it")

    assert (customer["id"], len(emulator.state()["customers"])) == ("acme", 1)
