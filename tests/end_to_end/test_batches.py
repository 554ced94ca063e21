"""Batches on the deployed stack: its queue, its worker under its own role, its streams and its bus."""

import json
import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.stack import LocalStack
from local.stack.bus import Bus
from local.stack.deployment import STACK_NAME
from local.stack.workers import worker_processes
from tests.support.batch_requests import customers, entry
from tests.support.calls import call_api, invoke
from tests.support.requests import LINE, subscription

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_SECONDS = 60
HIDDEN_SECONDS = 30
"""For so long the queue hides what a worker received, in the test that kills one; the template says 150."""


@pytest.fixture
def sqs(stack: LocalStack) -> "SQSClient":
    """A client that may do anything with the queues."""
    client: SQSClient = boto3.client("sqs", **stack.ministack.client_settings())
    return client


def submit(stack: LocalStack, requests: list[Any], **fields: object) -> dict[str, Any]:
    """Submit a batch as Salesforce does."""
    response = call_api(stack, "submit-batch", json.dumps({"requests": requests, **fields}))

    assert response.status_code == 200, response.text
    return dict(response.json())


def get(stack: LocalStack, batch: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Ask for a batch as an AWS service does."""
    succeeded, answer = invoke(stack, "get-batch", json.dumps({"batchId": batch["batchId"], **fields}))

    assert succeeded, answer
    return dict(answer)


def completed(stack: LocalStack, batch: dict[str, Any], *, within: float = LONGEST_SECONDS) -> dict[str, Any]:
    """Return a batch once it is completed, within so many seconds."""
    until = time.monotonic() + within
    while batch["outcome"] == "running" and time.monotonic() < until:
        batch = get(stack, batch, waitSeconds=5)

    assert batch["outcome"] == "completed", batch
    return batch


def grants(customer: int, count: int) -> list[dict[str, Any]]:
    """Credit grants of one customer, numbered."""
    return [
        entry(
            "create-credit-grant",
            customerId=f"cust-{customer}",
            idempotencyKey=f"grant-{customer}-{number}",
            currencyId="cred-type-tokens",
            amount=1,
            displayName=str(number),
            grantType="PROMOTIONAL",
        )
        for number in range(count)
    ]


def granted(stack: LocalStack) -> dict[str, list[int]]:
    """Return the numbers of each customer's grants, in the order in which Stigg made them."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for grant in stack.stigg.state()["grants"]:
        found[grant["customerId"]].append(int(grant["displayName"]))
    return dict(found)


def test_a_batch(fresh_stack: LocalStack, bus: Bus) -> None:
    """Bad requests are answered at once, the others run; the bus tells of every write, and of the batch at its end."""
    requests = [
        *customers(12),
        entry("create-subscription", **subscription(customerId="cust-0", planId="plan-none")),
        "bad",
    ]
    first = submit(fresh_stack, requests, correlationId="flow-1")

    assert [(one["index"], one["errorCode"]) for one in first["results"]] == [(13, "INVALID_REQUEST")]
    batch = completed(fresh_stack, first)

    assert (batch["succeeded"], batch["failed"]) == (12, 2)
    assert [one["index"] for one in batch["results"]] == list(range(14))
    (message,) = bus.wait_for("Batch Completed", batchId=batch["batchId"])
    assert (message["total"], message["succeeded"], message["failed"], message["correlationId"]) == (
        14,
        12,
        2,
        "flow-1",
    )
    made = bus.wait_for("Customer Provisioned", count=12)
    assert {detail["customerId"] for detail in made} == {f"cust-{number}" for number in range(12)}
    assert [detail["errorCode"] for detail in bus.wait_for("Write Failed")] == ["PLAN_NOT_FOUND"]


@pytest.fixture
def hurried_queue(fresh_stack: LocalStack, sqs: "SQSClient") -> Iterator[None]:
    """A queue of batches that delivers again soon, as what a killed worker received is not worth the wait here."""
    queue = fresh_stack.deployment.outputs["BatchQueueUrl"]
    stands = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": str(HIDDEN_SECONDS)})
    yield
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=stands)


@pytest.mark.usefixtures("hurried_queue")
def test_the_worker_is_killed(fresh_stack: LocalStack) -> None:
    """Killed in mid-work, the worker leaves no request undone, doubled or out of order: another goes on in time."""
    completed(fresh_stack, submit(fresh_stack, customers(3)))
    requests = [request for together in zip(*(grants(one, 6) for one in range(3)), strict=True) for request in together]
    fresh_stack.stigg.fault("POST", "/credits/grants", "latency", 0.15)
    batch, kills = submit(fresh_stack, requests), 0
    while batch["outcome"] == "running" and not kills:
        kills, batch = kill(fresh_stack, "run-batch"), get(fresh_stack, batch)
    batch = completed(fresh_stack, batch, within=LONGEST_SECONDS + HIDDEN_SECONDS)
    fresh_stack.stigg.clear_faults()

    assert kills == 1
    assert (batch["succeeded"], batch["failed"]) == (18, 0)
    assert granted(fresh_stack) == {f"cust-{one}": list(range(6)) for one in range(3)}


def kill(stack: LocalStack, function: str) -> int:
    """Kill the processes in which this stack runs a function; return how many there were."""
    pids = worker_processes(stack.endpoints, f"{STACK_NAME}-{function}")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return len(pids)


def test_delivered_again(fresh_stack: LocalStack, sqs: "SQSClient") -> None:
    """Messages that come a second time, after five minutes for all that SQS knows, run nothing a second time."""
    requests = [*customers(2), *grants(0, 3), entry("trigger-workflow", triggerId="notify-customer")]
    batch = completed(fresh_stack, submit(fresh_stack, requests))
    key, _, generation = batch["batchId"].rpartition("-")
    queue = fresh_stack.deployment.outputs["BatchQueueUrl"]
    for number in range(2 * len(requests)):
        body = {"batchKey": key, "generation": int(generation), "index": number % len(requests)}
        sqs.send_message(
            QueueUrl=queue, MessageBody=json.dumps(body), MessageGroupId=str(number), MessageDeduplicationId=str(number)
        )
    completed(fresh_stack, submit(fresh_stack, customers(1, "after")))
    state = fresh_stack.stigg.state()

    assert granted(fresh_stack) == {"cust-0": [0, 1, 2]}
    assert len(state["workflowRuns"]) == 1
    assert (get(fresh_stack, batch)["succeeded"], get(fresh_stack, batch)["completedAt"]) == (6, batch["completedAt"])


def test_order_of_a_record(fresh_stack: LocalStack) -> None:
    """What is done to one record is done in the order of the batch, however its customer is named."""
    account = "001000000000001AAA"
    requests = [
        entry("create-customer", customerId="cust-acme", name="Acme", salesforceAccountId=account),
        entry("create-subscription", **subscription(customerId=None, salesforceAccountId=account)),
        *(
            entry("set-subscription-metadata", salesforceRecordId=LINE[:length], metadata={"step": str(number)})
            for number, length in enumerate((15, 18, 15, 18))
        ),
        entry("cancel-subscription", salesforceRecordId=LINE, cancelWhen="now"),
    ]
    batch = completed(fresh_stack, submit(fresh_stack, requests))
    (sold,) = fresh_stack.stigg.state()["subscriptions"]

    assert [one.get("outcome") for one in batch["results"]] == ["created", "created", *["updated"] * 4, "canceled"]
    assert (sold["metadata"]["step"], sold["status"]) == ("3", "CANCELED")
