"""Webhooks on the deployed stack: Stigg's emulator sends them, the mapping follows, and the bus tells."""

import json
import uuid
from collections.abc import Iterator

import boto3
import httpx
import pytest

from local.stack import LocalStack
from local.stack.bus import Bus
from local.stigg_emulator.webhooks import SECRET_HEADER
from tests.support.calls import call_api
from tests.support.requests import LINE, subscription

SOLD = subscription(customerName="Acme", correlationId="flow-1")


@pytest.fixture
def sending(fresh_stack: LocalStack) -> Iterator[LocalStack]:
    """The stack, whose Stigg sends webhooks: each twice, the newest first."""
    fresh_stack.stigg.webhooks(fresh_stack.endpoints.webhooks, copies=2, order="newestFirst")
    yield fresh_stack
    fresh_stack.stigg.webhooks(None)


@pytest.mark.parametrize("envelope", ["flat", "nested"])
def test_from_stigg_to_the_bus(sending: LocalStack, bus: Bus, envelope: str) -> None:
    """What an action and a person did is told once each, in any order; the mapping says that it was changed outside."""
    sending.stigg.webhooks(sending.endpoints.webhooks, copies=2, order="newestFirst", envelope=envelope)
    made = call_api(sending, "create-subscription-with-return-data", json.dumps(SOLD)).json()["subscriptionId"]
    sending.stigg.flush_webhooks()
    (ours,) = bus.wait_for("Stigg Subscription Changed", subscriptionId=made)
    sending.stigg.by_hand("POST", f"/api/v1/subscriptions/{made}/cancel", {"cancellationTime": "IMMEDIATE"})
    sending.stigg.flush_webhooks()
    (theirs,) = bus.wait_for("Stigg Subscription Changed", subscriptionId=made, status="CANCELED")
    shown = call_api(sending, "get-subscription", json.dumps({"salesforceRecordId": LINE})).json()

    assert (ours["type"], ours["changedOutside"], ours["correlationId"]) == ("subscription.created", False, "flow-1")
    assert (theirs["type"], theirs["changedOutside"], theirs["salesforceRecordId"]) == (
        "subscription.canceled",
        True,
        LINE,
    )
    assert (shown["mapping"]["status"], shown["history"][-1]["changedOutside"]) == ("CANCELED", True)
    assert {line["status"] for line in sending.stigg.state()["webhookDeliveries"]} == {200}


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "whsec-guessed"}, {SECRET_HEADER: "x" * 5_000}])
def test_forged(fresh_stack: LocalStack, headers: dict[str, str]) -> None:
    """Who does not have the secret is refused in the envelope of every action, and nothing is queued."""
    body = {"type": "customer.updated", "messageId": uuid.uuid4().hex, "id": "cust-acme"}
    response = httpx.post(fresh_stack.endpoints.webhooks, json=body, headers=headers)
    table = fresh_stack.deployment.outputs["WebhooksTableName"]
    items = boto3.client("dynamodb", **fresh_stack.ministack.client_settings()).scan(TableName=table)["Items"]

    assert (response.status_code, response.json()["errorCode"]) == (403, "WEBHOOK_REFUSED")
    assert body["messageId"] not in str(items)
