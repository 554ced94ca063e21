"""Webhooks: an event for every change, delivered with the shared secret, tried again when refused."""

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from local.stigg_emulator.hosting import AdminError, Emulator
from tests.contract.client import Api, Json

TRIAL = {"isTrial": True, "trialEndDate": "2040-01-15T00:00:00Z"}


class Receiver(HTTPServer):
    """Receives events; answers the statuses it is given, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ReceiverHandler)
        self.statuses: list[int] = []
        self.received: queue.SimpleQueue[tuple[str | None, Json]] = queue.SimpleQueue()
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class ReceiverHandler(BaseHTTPRequestHandler):
    """Keeps what arrives."""

    server: Receiver

    def do_POST(self) -> None:
        """Keep secret and body, then answer."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received.put((self.headers["Stigg-Webhooks-Secret"], body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's name
        """Stay silent."""


@pytest.fixture
def receiver(emulator: Emulator) -> Iterator[Receiver]:
    """Receive the emulator's webhooks during a test."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        emulator.webhooks(server.url, "whsec-test")
        yield server
        emulator.webhooks(None)
        server.shutdown()
        thread.join()


def kinds(emulator: Emulator) -> list[str]:
    """List the kinds of events so far."""
    return [event["type"] for event in emulator.state()["events"]]


def test_delivered(api: Api, receiver: Receiver) -> None:
    """An event arrives with the secret in its header and the entity's fields beside its envelope."""
    api.customer(name="Acme")
    secret, event = receiver.received.get(timeout=5)

    assert secret == "whsec-test"
    assert (event["type"], event["id"], event["name"]) == ("customer.created", "acme", "Acme")
    assert event["environmentId"] == "development"


def deliveries(emulator: Emulator) -> list[tuple[str, int, int | None]]:
    """List the tries to deliver so far: type, number of the try, status."""
    return [(line["type"], line["attempt"], line["status"]) for line in emulator.state()["webhookDeliveries"]]


def test_tried_again(api: Api, emulator: Emulator, receiver: Receiver) -> None:
    """A refused delivery is tried three times at once, three times more as time passes, and dropped."""
    receiver.statuses = [500, 404, 302, 500, 503, 500]
    api.customer("acme")
    waiting = [emulator.flush_webhooks()]
    for seconds in (29, 31, 31, 31, 3_600):
        emulator.advance(seconds)
        waiting.append(emulator.flush_webhooks())

    assert waiting == [1, 1, 1, 1, 0, 0]
    assert deliveries(emulator) == [
        ("customer.created", number, status) for number, status in enumerate([500, 404, 302, 500, 503, 500], start=1)
    ]
    assert len({line["messageId"] for line in emulator.state()["webhookDeliveries"]}) == 1


def test_accepted_later(api: Api, emulator: Emulator, receiver: Receiver) -> None:
    """A delivery that is accepted at last is not tried again, and keeps no other waiting meanwhile."""
    receiver.statuses = [500, 500, 500]
    api.customer("acme")
    api.customer("globex")
    emulator.flush_webhooks()
    emulator.advance(30)
    emulator.flush_webhooks()
    events = [receiver.received.get(timeout=5)[1] for _ in range(5)]

    assert [event["id"] for event in events] == ["acme", "acme", "acme", "globex", "acme"]
    assert [line[2] for line in deliveries(emulator)] == [500, 500, 500, 200, 200]


def test_nested_copied_and_reordered(api: Api, emulator: Emulator, receiver: Receiver) -> None:
    """On request events come in Stigg's other form, more than once, and newest first."""
    emulator.webhooks(receiver.url, "whsec-test", envelope="nested", copies=2, order="newestFirst")
    api.customer("acme")
    api.customer("globex")
    emulator.flush_webhooks()
    events = [receiver.received.get(timeout=5)[1] for _ in range(4)]

    assert [event["data"]["id"] for event in events] == ["globex", "globex", "acme", "acme"]
    assert {tuple(event) for event in events} == {("messageId", "type", "createdAt", "data")}
    assert len({event["messageId"] for event in events}) == 2


def test_test_event(emulator: Emulator, receiver: Receiver) -> None:
    """A test event comes as any other, about things that do not exist."""
    sent = emulator.test_webhook("customer.created")
    _, event = receiver.received.get(timeout=5)

    assert event == sent
    assert (event["type"], emulator.state()["customers"]) == ("customer.created", [])


def test_by_hand(api: Api, emulator: Emulator, receiver: Receiver) -> None:
    """What a person does in the app has the effects of the API and is told; it asks for no key, and may be refused."""
    api.customer()
    api.subscribe("sub-1")
    emulator.set_key(emulator.key, "revoked")
    emulator.by_hand("POST", "/api/v1/subscriptions/sub-1/cancel", {"cancellationTime": "IMMEDIATE"})
    emulator.flush_webhooks()

    assert kinds(emulator)[-1] == "subscription.canceled"
    assert deliveries(emulator)[-1] == ("subscription.canceled", 1, 200)
    assert receiver.received.qsize() == 3
    with pytest.raises(AdminError, match="sub-2"):
        emulator.by_hand("POST", "/api/v1/subscriptions/sub-2/cancel", {"cancellationTime": "IMMEDIATE"})


def test_archived_and_not_paid(api: Api, emulator: Emulator) -> None:
    """A payment that failed and a customer that is archived are told."""
    api.customer()
    api.subscribe("sub-1")
    emulator.invoice("sub-1")
    api.post("/customers/acme/archive")
    failed, *rest = emulator.state()["events"][2:]

    assert (failed["type"], failed["subscription"], failed["customer"]["id"]) == (
        "customer.payment_failed",
        {"id": "sub-1"},
        "acme",
    )
    assert [event["type"] for event in rest] == ["subscription.canceled", "customer.deleted"]


def test_subscription(api: Api, emulator: Emulator) -> None:
    """A replacement tells of both subscriptions; unlike REST an event carries the billing period."""
    api.customer()
    api.subscribe("sub-1", addons=[{"id": "addon-seats", "quantity": 2}])
    api.subscribe("sub-2", "plan-grace")
    created, canceled = emulator.state()["events"][1:3]

    assert kinds(emulator)[1:] == ["subscription.created", "subscription.canceled", "subscription.created"]
    assert (created["billingPeriod"], created["plan"]["id"]) == ("MONTHLY", "plan-starter")
    assert created["addons"] == [{"id": "addon-seats", "name": "Extra seats", "quantity": 2}]
    assert (canceled["id"], canceled["status"], canceled["customer"]["id"]) == ("sub-1", "CANCELED", "acme")


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [
        ("CONVERT_TO_PAID", ["subscription.trial_converted"]),
        ("CANCEL_SUBSCRIPTION", ["subscription.expired", "subscription.trial_expired"]),
    ],
)
def test_trial(api: Api, emulator: Emulator, behavior: str, expected: list[str]) -> None:
    """A trial tells of its start and of its end."""
    emulator.set_clock("2040-01-01T00:00:00Z")
    api.customer()
    api.subscribe("sub-1", trialOverrideConfiguration={**TRIAL, "trialEndBehavior": behavior})
    emulator.set_clock("2040-01-16T00:00:00Z")

    assert kinds(emulator)[1:] == ["subscription.created", "subscription.trial_started", *expected]


def test_updates_and_cancellation(api: Api, emulator: Emulator) -> None:
    """Updates and scheduled cancellations are told when they are made and when they happen."""
    api.customer()
    api.subscribe("sub-1")
    api.patch("/subscriptions/sub-1", metadata={"a": "1"})
    api.post("/subscriptions/sub-1/cancel", cancellationTime="END_OF_BILLING_PERIOD")
    emulator.advance(40 * 24 * 3600)

    assert kinds(emulator)[2:] == ["subscription.updated", "subscription.updated", "subscription.canceled"]


def test_grant(api: Api, emulator: Emulator) -> None:
    """A grant is told with its id and amounts."""
    api.customer()
    body = {"customerId": "acme", "currencyId": "cred-type-tokens", "displayName": "Gift", "grantType": "PROMOTIONAL"}
    grant_id = api.post("/credits/grants", amount=7, **body).json()["data"]["id"]
    event = emulator.state()["events"][-1]

    assert (event["type"], event["grantId"], event["amount"]) == ("credit_grant.created", grant_id, 7)
