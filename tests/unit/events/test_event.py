"""What is told to others: an event for each settled write and each completed batch, without anything personal."""

import json
from copy import replace
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from local.stack.template import ROOT
from stigg_actions.events.event import BATCH_COMPLETED, FAILED, OTHERWISE, event_of
from stigg_actions.exactly_once.registry import KINDS
from stigg_actions.storage.operation import Status, operation_item
from tests.support.operations import STARTED

OPERATION = STARTED._replace(
    intent=2,
    attempt=3,
    status=Status.SUCCEEDED,
    request={"customerId": "cust-acme", "customerName": "Jane Doe", "customerEmail": "jane@acme.example"},
    correlation_id="flow-1",
    customer_id="cust-acme",
    record_id="00k000000000001AAA",
    subscription_id="sub-1",
    answer={"success": True, "outcome": "created", "planId": "plan-growth", "status": "ACTIVE", "active": True,
            "checkoutUrl": "https://pay.example/secret", "customerUrl": "https://app.stigg.io/x"},
    finished_at=1_800_000_005,
)  # fmt: skip


def record(item: dict[str, Any]) -> dict[str, Any]:
    """An item's change, as a stream tells it."""
    serialize = TypeSerializer().serialize
    return {"dynamodb": {"NewImage": {name: serialize(value) for name, value in item.items() if value is not None}}}


DONE = [kind.detail_type for kind in KINDS.values()]


def event(**changes: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - any field
    """Return type and detail of the event of an operation."""
    operation = replace(OPERATION, **changes)
    made = event_of(record(operation_item(operation)), "development")
    return made.detail_type, dict(made.detail)


def test_a_write() -> None:
    """A settled write tells what was done to what, by which operation, for which record and call."""
    detail_type, detail = event()

    assert detail_type == "Subscription Provisioned"
    assert detail == {
        "eventId": "provision-1-2-3-1800000005",
        "environment": "development",
        "kind": "provision",
        "operationStatus": "SUCCEEDED",
        "outcome": "created",
        "salesforceOrgId": "00D000000000001EAA",
        "salesforceRecordId": "00k000000000001AAA",
        "customerId": "cust-acme",
        "subscriptionId": "sub-1",
        "planId": "plan-growth",
        "status": "ACTIVE",
        "active": True,
        "correlationId": "flow-1",
        "operationKey": "provision-1",
        "intent": 2,
        "attempt": 3,
        "startedAt": "2027-01-15T08:00:00.000Z",
        "finishedAt": "2027-01-15T08:00:05.000Z",
    }


def test_a_renewal_for_another_record() -> None:
    """The event of a renewal that gives the subscription to another record names that one."""
    answer = {"success": True, "outcome": "replaced", "salesforceRecordId": "00k000000000002AAA"}

    _, detail = event(kind="renew", answer=answer)

    assert detail["salesforceRecordId"] == "00k000000000002AAA"


def test_nothing_personal() -> None:
    """No name, address, link or message of the request or the answer is in the event."""
    failed = event(status=Status.FAILED, answer=None, error={"errorCode": "REFUSED_BY_STIGG", "errorMessage": "Jane"})
    text = json.dumps([event(), failed])

    assert not [word for word in ("Jane", "jane", "example", "https") if word in text]


@pytest.mark.parametrize(("outcome", "detail_type"), OTHERWISE.items())
def test_what_has_not_taken_effect(outcome: str, detail_type: str) -> None:
    """A write that changed nothing, or not yet, has a type that no rule for what was done matches."""
    assert event(answer={"outcome": outcome})[0] == detail_type
    assert detail_type not in DONE


def test_a_failure() -> None:
    """A write that failed tells its code, and is of a type of its own; so does a workflow without an outcome."""
    error = {"errorCode": "PLAN_NOT_FOUND", "stiggErrorCode": "PlanNotFound"}
    detail_type, detail = event(status=Status.FAILED, answer=None, error=error, finished_at=None, record_id=None)

    assert (detail_type, detail["errorCode"], detail["stiggErrorCode"]) == (FAILED, "PLAN_NOT_FOUND", "PlanNotFound")
    assert detail["finishedAt"] == detail["startedAt"]
    assert not {"outcome", "salesforceRecordId"} & set(detail)


def test_every_kind_has_a_type() -> None:
    """Each kind of write there is has a detail type, each its own."""
    assert len(set(DONE)) == len(KINDS)


def test_a_batch() -> None:
    """A completed batch tells how many requests succeeded and failed."""
    item = {
        "batch_key": f"batch-{'0' * 40}",
        "sk": "000001#batch",
        "status": "COMPLETED",
        "org_id": "00D000000000001EAA",
        "correlation_id": "flow-1",
        "submitted_at": 1_800_000_000,
        "completed_at": 1_800_000_060,
        "expires_at": 1_900_000_000,
        "pages": 1,
        "requests_of_page_1": 3,
        "bad_of_page_1": 1,
        "fingerprint_of_page_1": "f",
        "queued": {1},
        "done": {0, 1, 2},
        "failed": {1},
    }
    made = event_of(record(item), "production")

    assert made.detail_type == BATCH_COMPLETED
    assert made.detail == {
        "eventId": f"batch-{'0' * 40}-1",
        "environment": "production",
        "batchId": f"batch-{'0' * 40}-1",
        "salesforceOrgId": "00D000000000001EAA",
        "correlationId": "flow-1",
        "total": 3,
        "succeeded": 2,
        "failed": 1,
        "submittedAt": "2027-01-15T08:00:00.000Z",
        "completedAt": "2027-01-15T08:01:00.000Z",
    }


def test_documented() -> None:
    """docs/events.md has every detail type and every field."""
    text = (ROOT / "docs" / "events.md").read_text()
    types = {*DONE, *OTHERWISE.values(), FAILED, BATCH_COMPLETED}
    fields = {
        *event()[1],
        *event(status=Status.FAILED, answer=None, error={"errorCode": "a", "stiggErrorCode": "b"})[1],
    }

    assert [one for one in types | fields if f"`{one}`" not in text] == []


@pytest.mark.parametrize(
    ("end", "time_zone", "day"),
    [
        ("2027-01-31T23:59:59.000Z", "UTC", "2027-01-31"),
        ("2027-02-01T00:00:00.000Z", "UTC", "2027-01-31"),
        ("2027-02-01T07:59:59.000Z", "America/Los_Angeles", "2027-01-31"),
    ],
)
def test_the_last_day(end: str, time_zone: str, day: str) -> None:
    """A subscription with an end tells its last day in the time zone; midnight belongs to the day before."""
    operation = replace(OPERATION, answer={"success": True, "outcome": "created", "cancellationDate": end})
    made = event_of(record(operation_item(operation)), "development", time_zone)

    assert (made.detail["cancellationDate"], made.detail["endsOn"]) == (end, day)


def test_account_and_opportunity() -> None:
    """An event names the account and the opportunity that the request named."""
    request = {
        "salesforceAccountId": "001000000000001AAA",
        "metadata": {"salesforceOpportunityId": "006000000000001AAA"},
    }
    _, detail = event(request=request)

    assert detail["salesforceAccountId"] == "001000000000001AAA"
    assert detail["salesforceOpportunityId"] == "006000000000001AAA"
