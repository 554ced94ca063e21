"""The door for webhooks: who has the secret gets in, whoever has not leaves no trace but a line in the log."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stigg_actions import decimal_json
from stigg_actions.errors import RequestInvalid
from stigg_actions.webhooks.door import LONGEST_BODY, webhook_receiver
from stigg_actions.webhooks.notice import Notice
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


def test_ten_thousand_forged_calls() -> None:
    """They reach neither the queue nor a table, and Secrets Manager twice: at first, and once to see what is new."""
    doorway = Doorway()
    statuses = {doorway.post(EVENT, {HEADER: f"whsec-{number}"}).status for number in range(10_000)}

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


@pytest.mark.parametrize("body", ["", "null", "[]", "no json", '{"type": ', json.dumps({"x": "y" * LONGEST_BODY})])
def test_a_body_that_is_no_webhook(body: str) -> None:
    """With the secret, what is no JSON object or too long is refused as malformed."""
    doorway = Doorway()
    reply = doorway.post(body)

    assert (reply.status, reply.body["errorCode"], doorway.queue.sent) == (400, "INVALID_REQUEST", 0)


@pytest.mark.parametrize(("length", "status"), [(262_144, 200), (262_145, 400)])
def test_the_longest_body(length: int, status: int) -> None:
    """A webhook may be 256 KiB long, and not a byte longer."""
    head = '{"type": "customer.updated", "id": "acme", "x": "'
    body = head + "x" * (length - len(head) - 2) + '"}'

    assert len(body) == length
    assert Doorway().post(body).status == status


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
@given(body=st.dictionaries(st.sampled_from(["type", "messageId", "data", "id", "customer", "subscription"]), JSON))
def test_any_body(body: dict[str, Any]) -> None:
    """Whatever a body says, it is queued as one message that can be read again, or refused as malformed."""
    doorway = Doorway()
    status = doorway.post(body).status

    queued = [Notice.from_text(message["MessageBody"]) for message in doorway.queue.messages.values()]
    expected = (200, [Notice.read(decimal_json.exact(body))]) if queued else (400, [])
    assert (status, queued) == expected
