"""The door for webhooks: who has the secret gets in, whoever has not leaves no trace but a line in the log."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stigg_actions.entrypoints.webhook import webhook_receiver
from stigg_actions.errors import RequestInvalid
from stigg_actions.webhooks import body
from stigg_actions.webhooks.message import WebhookMessage
from tests.support.fakes import FakeSecretsManager, aws_error, secret_text
from tests.support.valid_requests import JSON
from tests.support.webhooks import HEADER, SECRET, Doorway, FakeQueue

EVENT = {"type": "customer.updated", "messageId": "m-1", "id": "cust-acme", "name": "Acme"}
NEWER = "whsec-second"
UNTIL = "2027-01-15T09:00:00Z"
"""An hour after the fakes' clock begins."""


def test_queued() -> None:
    """A webhook with the secret is queued and answered; the queue's message holds ids alone."""
    doorway = Doorway()
    reply = doorway.post(EVENT)
    ((key, message),) = doorway.queue.messages.items()

    assert (reply.status, reply.body["success"], reply.body["outcome"]) == (200, True, "queued")
    assert json.loads(message["MessageBody"]) == {
        "key": key,
        "kind": "customer.updated",
        "identified": True,
        "customer_id": "cust-acme",
    }


def test_header_name_in_any_case() -> None:
    """The name of the header is read in any case."""
    assert Doorway().post(EVENT, {HEADER.upper(): SECRET}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "whsec-wrong"},
        {HEADER: SECRET[:-1]},
        {HEADER: SECRET + "x"},
        {HEADER: SECRET.upper()},
        {HEADER: f" {SECRET}"},
        {HEADER: SECRET + "\x00"},
        {HEADER: "x" * 100_000},
        {HEADER: "whsec-fïrst"},
        {HEADER: "whsec-\ud800"},
        {HEADER: "秘密"},
        {HEADER: SECRET, HEADER.lower(): "whsec-wrong"},
        {"X-Api-Key": SECRET},
    ],
    ids=range(14),
)
def test_forged(headers: dict[str, str]) -> None:
    """Without the secret, whole and alone, nothing is queued, and the answer does not tell how near it was."""
    doorway = Doorway()
    reply = doorway.post(EVENT, headers)

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (403, "WEBHOOK_REFUSED", False)
    assert SECRET not in str(reply.body)
    assert doorway.queue.sent == 0


@pytest.mark.parametrize("headers", [None, [], "text", {HEADER: None}, {HEADER: 5}, {HEADER: [SECRET]}])
def test_headers_that_are_none(headers: object) -> None:
    """Headers of another shape are no secret."""
    doorway = Doorway()
    event: Any = {"httpMethod": "POST", "requestContext": {}, "headers": headers, "body": json.dumps(EVENT)}

    assert webhook_receiver(lambda: doorway.door)(event, None)["statusCode"] == 403


def test_an_environment_without_webhooks() -> None:
    """Where no webhook secret is stored nothing gets in, an empty secret least of all."""
    for content in (secret_text(), secret_text(webhookSecret=""), secret_text(webhookSecret=5)):
        doorway = Doorway(FakeSecretsManager(content))

        assert [doorway.post(EVENT, {HEADER: given}).status for given in ("", "None", "5", SECRET)] == [403] * 4


def test_a_thousand_forged_calls() -> None:
    """They reach neither the queue nor a table, and Secrets Manager twice: at first, and once to see what is new."""
    doorway = Doorway()
    statuses = {doorway.post(EVENT, {HEADER: f"whsec-{number}"}).status for number in range(1_000)}

    assert statuses == {403}
    assert (len(doorway.manager.reads), doorway.queue.sent) == (2, 0)


def test_forged_calls_while_the_secret_cannot_be_read() -> None:
    """They do not press on a Secrets Manager that does not answer, and the caller is told to come back."""
    doorway = Doorway(FakeSecretsManager(aws_error("InternalServiceError")))
    replies = [doorway.post(EVENT, {HEADER: "whsec-wrong"}) for _ in range(1_000)]
    reads = len(doorway.manager.reads)
    doorway.clock.time += 31
    doorway.post(EVENT)

    assert {(reply.status, reply.body["errorCode"]) for reply in replies} == {(503, "SECRETS_UNAVAILABLE")}
    assert (reads, len(doorway.manager.reads)) == (2, 4)


def test_a_rotated_secret_is_known_at_once() -> None:
    """A secret that was changed since it was read is looked up, so that rotation loses no webhook."""
    doorway = Doorway(FakeSecretsManager(secret_text(webhookSecret=SECRET), secret_text(webhookSecret=NEWER)))
    before = doorway.post(EVENT).status

    assert (before, doorway.post(EVENT, {HEADER: NEWER}).status) == (200, 200)
    assert doorway.post(EVENT).status == 403


@pytest.mark.parametrize(
    ("until", "seconds", "status"),
    [(UNTIL, 0, 200), (UNTIL, 3_599, 200), (UNTIL, 3_600, 403), ("2027-01-15", 0, 403), (None, 0, 403), (7, 0, 403)],
)
def test_the_secret_before(until: object, seconds: int, status: int) -> None:
    """The secret before the present one is good until the moment that is stored with it, and without one never."""
    content = secret_text(webhookSecret=NEWER, previousWebhookSecret=SECRET, previousWebhookSecretUntil=until)
    doorway = Doorway(FakeSecretsManager(content))
    doorway.clock.time += seconds

    assert doorway.post(EVENT).status == status
    assert doorway.post(EVENT, {HEADER: NEWER}).status == 200


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "5", "no json", '{"type": ', "\ufeff", "<html>", '{"a": ' * 100_000 + "1" + "}" * 100_000],
    ids=range(9),
)
def test_a_body_that_is_no_webhook(body: str) -> None:
    """With the secret, what is no JSON object is refused as malformed."""
    doorway = Doorway()
    reply = doorway.post(body)

    assert (reply.status, reply.body["errorCode"], doorway.queue.sent) == (400, "INVALID_REQUEST", 0)


CHINESE = "\N{CJK UNIFIED IDEOGRAPH-5BA2}" * 17_000
"""50 KB of text in UTF-8, 100 KB as escapes."""
ODDITIES = {
    "half of a surrogate pair": r'"name": "Acme \ud83d"',
    "a name given twice": '"name": "Acme", "name": "Acme Inc"',
    "a small number": '"amount": 1e-45',
    "a large number": '"amount": 1e400',
    "many digits": f'"amount": {"9" * 5_000}',
    "no number": '"amount": NaN, "other": -Infinity',
    "Chinese metadata": f'"metadata": {{"note": "{CHINESE}"}}',
    "Chinese metadata in escapes": f'"metadata": {{"note": {json.dumps(CHINESE)}}}',
    "five megabytes": f'"metadata": {{"note": "{"x" * 5_000_000}"}}',
    "control characters in escapes": r'"name": "a\u0000b"',
    "deep nesting": f'"metadata": {"[" * 2_000}{"]" * 2_000}',
    "an empty name": '"": 1',
}


@pytest.mark.parametrize("oddity", ODDITIES.values(), ids=ODDITIES)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_oddities(oddity: str, mark: str) -> None:
    """Whatever else a webhook holds, it is taken, and its ids are read: Stigg would drop it otherwise."""
    doorway = Doorway()
    reply = doorway.post(f'{mark}{{"type": "subscription.updated", "id": "sub-1", "messageId": "m-1", {oddity}}}')
    (message,) = doorway.queue.messages.values()

    assert reply.status == 200
    assert WebhookMessage.from_text(message["MessageBody"]).subscription_id == "sub-1"


@pytest.mark.parametrize("oddity", ODDITIES.values(), ids=ODDITIES)
def test_oddities_without_a_message_id(oddity: str) -> None:
    """A message without an id of its own is told from another one by all that it holds, odd as that may be."""
    keys = [WebhookMessage.read(body.read({"body": f'{{"id": "{one}", {oddity}}}'})).key for one in ("a", "a", "b")]

    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"type": "x", "messageId": "m-1"}', 200),
        (b'\xef\xbb\xbf{"type": "x", "messageId": "m-1"}', 200),
        (b'{"type": "x", "messageId": "m-1", "name": "\xff\xfe"}', 200),
        (b"\xff\xfe", 400),
    ],
)
def test_bytes(content: bytes, status: int) -> None:
    """A body that API Gateway takes for binary is read as UTF-8, and what is none in it is passed over."""
    doorway = Doorway()
    event = {"httpMethod": "POST", "requestContext": {}, "headers": {HEADER: SECRET}, "isBase64Encoded": True}
    encoded = base64.b64encode(content).decode()
    answer = webhook_receiver(lambda: doorway.door)({**event, "body": encoded}, None)

    assert (answer["statusCode"], len(doorway.queue.messages)) == (status, int(status == 200))


@pytest.mark.parametrize("body", ["not Base64!", None, 5])
def test_a_body_that_is_no_text(body: object) -> None:
    """What is neither text nor Base64 is refused as malformed."""
    doorway = Doorway()
    event = {"httpMethod": "POST", "requestContext": {}, "headers": {HEADER: SECRET}, "isBase64Encoded": True}
    answer = webhook_receiver(lambda: doorway.door)({**event, "body": body}, None)

    assert (answer["statusCode"], doorway.queue.sent) == (400, 0)


@pytest.mark.parametrize(("length", "status"), [(1, 200), (1_024, 200), (1_025, 403)])
def test_the_longest_secret(length: int, status: int) -> None:
    """A secret may have 1,024 characters; a longer one is none, even if it is the one that is stored."""
    secret = "s" * length
    doorway = Doorway(FakeSecretsManager(secret_text(webhookSecret=secret)))

    assert doorway.post(EVENT, {HEADER: secret}).status == status


@pytest.mark.parametrize("body", [{}, {"type": "coupon.created"}, {"type": 5}, {"type": "x", "data": []}])
def test_unknown_types(body: dict[str, Any]) -> None:
    """A webhook of a type that is not known is taken: Stigg would send it again otherwise."""
    assert Doorway().post(body).status == 200


def test_the_same_again() -> None:
    """A message that comes again is the same message to the queue."""
    doorway = Doorway()
    replies = [doorway.post(EVENT | {"name": name}) for name in ("Acme", "Acme", "Acme Inc")]

    assert [reply.status for reply in replies] == [200] * 3
    assert len(doorway.queue.messages) == 1


@pytest.mark.parametrize(("failures", "status"), [(2, 200), (3, 503)])
def test_a_queue_in_trouble(failures: int, status: int) -> None:
    """A queue that fails twice takes the message all the same; after that Stigg is to send it again."""
    doorway = Doorway(queue=FakeQueue(failures))

    assert doorway.post(EVENT).status == status


def test_not_invoked_directly() -> None:
    """A webhook comes through API Gateway alone."""
    with pytest.raises(RequestInvalid, match="through API Gateway"):
        webhook_receiver(lambda: Doorway().door)({HEADER: SECRET, **EVENT}, None)


@settings(max_examples=100, derandomize=True)
@given(content=st.dictionaries(st.sampled_from(["type", "messageId", "data", "id", "customer", "subscription"]), JSON))
def test_any_body(content: dict[str, Any]) -> None:
    """Whatever an object says, it is queued as one message that can be read again."""
    doorway = Doorway()
    text = json.dumps(content)
    status = doorway.post(text).status
    (message,) = doorway.queue.messages.values()

    assert status == 200
    assert WebhookMessage.from_text(message["MessageBody"]) == WebhookMessage.read(body.read({"body": text}))
