"""Build the event of a settled write, a completed batch or a webhook of Stigg.

An event holds ids, codes and times. It never holds names, e-mail addresses or requests.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from stigg_actions.batches.batch import read_batch
from stigg_actions.clock import iso
from stigg_actions.exactly_once.registry import KINDS
from stigg_actions.settings import UTC_NAME
from stigg_actions.storage.dynamodb import Item, plain
from stigg_actions.storage.operation import Operation, Status, read_operation
from stigg_actions.subscriptions.last_day import last_day
from stigg_actions.subscriptions.response_fields import drop_none

SOURCE = "stigg-actions"

OTHERWISE = {"scheduled": "Change Scheduled", "unchanged": "Nothing Changed", "paymentRequired": "Payment Required"}
"""The detail types of writes that have no effect, or none yet, by outcome."""

FAILED = "Write Failed"
BATCH_COMPLETED = "Batch Completed"

_OF_THE_ANSWER = (
    "customerId",
    "subscriptionId",
    "planId",
    "grantId",
    "contractId",
    "featureId",
    "status",
    "active",
    "replacedSubscriptionId",
    "cancellationDate",
    "trialEndDate",
)


class Event(NamedTuple):
    """An event: its detail type, time and detail."""

    detail_type: str
    at: datetime
    detail: Mapping[str, Any]


def event_of(record: Mapping[str, Any], environment: str, time_zone: str = UTC_NAME) -> Event:
    """Return the event of a record in a table's stream. The last day of a subscription is one of the time zone."""
    item = plain(record["dynamodb"]["NewImage"])
    if "told" in item:
        return Event(item["detail_type"], datetime.fromtimestamp(int(item["received_at"]), UTC), item["told"])
    operation = read_operation(item) if "operation_key" in item else None
    return _settled(operation, environment, time_zone) if operation else _completed(item, environment)


def _settled(operation: Operation, environment: str, time_zone: str) -> Event:
    answer, finished_at = operation.answer or {}, operation.finished_at or operation.started_at
    error = operation.error or {}
    detail = {
        "eventId": f"{operation.operation_key}-{operation.intent}-{operation.attempt}-{finished_at}",
        "environment": environment,
        "kind": operation.kind,
        "operationStatus": str(operation.status),
        "outcome": answer.get("outcome"),
        "errorCode": error.get("errorCode"),
        "stiggErrorCode": error.get("stiggErrorCode"),
        "salesforceOrgId": operation.org_id,
        "salesforceRecordId": _record(operation),
        **_deal(operation.request),
        "customerId": operation.customer_id,
        "subscriptionId": operation.subscription_id,
        **{name: answer[name] for name in _OF_THE_ANSWER if name in answer},
        "endsOn": last_day(answer.get("cancellationDate"), time_zone),
        "correlationId": operation.correlation_id,
        "latestCorrelationId": operation.latest_correlation_id,
        "operationKey": operation.operation_key,
        "intent": operation.intent,
        "attempt": operation.attempt,
        "startedAt": iso(operation.started_at),
        "finishedAt": iso(finished_at),
    }
    return Event(_detail_type(operation), datetime.fromtimestamp(finished_at, UTC), drop_none(detail))


def _record(operation: Operation) -> str | None:
    """Return the record that has the subscription: a renewal can give it to another one."""
    renewed = (operation.answer or {}).get("salesforceRecordId")
    return renewed or operation.record_id or operation.request.get("salesforceRecordId")


def _deal(request: Mapping[str, Any]) -> dict[str, Any]:
    opportunity = (request.get("metadata") or {}).get("salesforceOpportunityId")
    return {"salesforceAccountId": request.get("salesforceAccountId"), "salesforceOpportunityId": opportunity}


def _detail_type(operation: Operation) -> str:
    if operation.status is not Status.SUCCEEDED:
        return FAILED
    return OTHERWISE.get((operation.answer or {}).get("outcome", "")) or KINDS[operation.kind].detail_type


def _completed(item: Item, environment: str) -> Event:
    batch = read_batch(item)
    completed_at = batch.completed_at or batch.submitted_at
    detail = {
        "eventId": str(batch.id),
        "environment": environment,
        "batchId": str(batch.id),
        "salesforceOrgId": batch.org_id,
        "correlationId": batch.correlation_id,
        "total": batch.total,
        "succeeded": batch.done - batch.failed,
        "failed": batch.failed,
        "submittedAt": iso(batch.submitted_at),
        "completedAt": iso(completed_at),
    }
    return Event(BATCH_COMPLETED, datetime.fromtimestamp(completed_at, UTC), detail)
