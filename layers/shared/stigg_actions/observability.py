"""What operators see of a call: one log line, and metrics."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from stigg_actions.salesforce_ids import plain_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.errors import ActionError, Problem
    from stigg_actions.stigg.pages import Unreadable

SERVICE = "stigg-actions"
NAMESPACE = "StiggActions"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_|.@:-]{0,254}", re.ASCII)
_FIELD = re.compile(r"[A-Za-z0-9_]{1,60}([.\[][A-Za-z0-9_.\[\]-]{1,60})?", re.ASCII)
_MOST_FIELDS = 20
_RECORD = "salesforceRecordId"
_IDS_OF_A_BODY = ("operationKey", "customerId", "subscriptionId", "grantId", "batchId")
_RECORDS_OF_A_BODY = {
    _RECORD: _RECORD,
    "newSalesforceRecordId": _RECORD,
    "salesforceAccountId": "salesforceAccountId",
    "salesforceOpportunityId": "salesforceOpportunityId",
}
"""Request fields that name a Salesforce record, each with its field in the log line."""


class Subjects:
    """The ids that a call is about, as fields of its log line. Several ids of a kind are separated by commas."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, None]] = {}

    def note(self, **ids: object) -> None:
        """Add ids, each under its field in the log line. Values that are not ids are ignored."""
        for name, value in ids.items():
            if isinstance(value, str) and _ID.fullmatch(value):
                self._ids.setdefault(name, {})[loggable(value)] = None

    def note_body(self, body: Mapping[str, object]) -> None:
        """Add the ids in the JSON of a request or an answer."""
        self.note(**{name: body.get(name) for name in _IDS_OF_A_BODY})
        for field, name in _RECORDS_OF_A_BODY.items():
            self.note(**{name: plain_id(body.get(field))})

    def line(self) -> dict[str, str]:
        """Return the ids as fields of the log line."""
        return {name: ", ".join(ids) for name, ids in self._ids.items()}


def loggable(text: str) -> str:
    """Return an id in a form that may be logged: a digest if it has an @, because it may be an e-mail address."""
    return f"hidden-{hashlib.sha256(text.encode()).hexdigest()[:12]}" if "@" in text else text


def field_names(problems: Sequence[Problem]) -> str | None:
    """Return the names of the fields with problems. A name that could be a value is shown as ``?``."""
    names = [problem.field if _FIELD.fullmatch(problem.field) else "?" for problem in problems[:_MOST_FIELDS]]
    return ", ".join(names) or None


def silence_libraries() -> None:
    """Limit the loggers of libraries to warnings and errors, whatever level Lambda sets.

    At finer levels botocore logs the bodies of requests and answers, including the secret, and httpx logs each URL.
    """
    logging.getLogger().setLevel(logging.WARNING)


@cache
def _logger() -> Logger:
    return Logger(service=_service())


def _service() -> str:
    """Return the service name of log lines and metrics: the stack's name, as the template sets it."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME") or SERVICE


def record_batched(batch_id: str, index: int, answer: Mapping[str, object], *, given_up: bool) -> None:
    """Log the result of a request of a batch. Its action has logged the call."""
    line = {
        "batchId": batch_id,
        "index": index,
        "correlationId": answer["correlationId"],
        "outcome": answer.get("outcome", "failed"),
        "reason": answer.get("errorCode"),
        "givenUp": given_up,
    }
    _logger().info("batched", extra={name: value for name, value in line.items() if value is not None})


def record_webhook(
    correlation_id: str, *, key: str | None = None, kind: str | None = None, error: ActionError | None = None
) -> None:
    """Log a webhook that was received. A refusal, such as of a wrong secret, raises no alarm."""
    line = {
        "action": "receive_webhook",
        "correlationId": correlation_id,
        "webhookKey": key,
        "type": kind,
        "outcome": "failed" if error else "queued",
        "errorCode": error.code if error else None,
    }
    write = _logger().info if error is None or error.is_refusal else _logger().error
    write("webhook", extra={name: value for name, value in line.items() if value is not None})


def record_later(key: str, cause: Exception) -> None:
    """Log a webhook that cannot be handled now, and why."""
    reason = getattr(cause, "code", "IN_PROGRESS")
    _logger().warning("later", extra={"action": "handle_webhook", "webhookKey": key, "reason": reason})


def record_followed(detail: Mapping[str, object]) -> None:
    """Log a webhook that was handled, with the detail of its event."""
    line = {name: loggable(value) if isinstance(value, str) else value for name, value in detail.items()}
    _logger().info("followed", extra=line)


def record_unreadable(items: Sequence[Unreadable], *, count: int) -> None:
    """Log the items in Stigg's lists that could not be read: only their ids and the names of the fields at fault."""
    logged = [{"id": item.id, "fields": item.fields} for item in items]
    _logger().warning("unreadable", extra={"action": "reconcile", "count": count, "items": logged})


def record_published(events: int) -> None:
    """Log how many events a run of the publisher sent."""
    _logger().info("published", extra={"events": events})


def record_call(
    line: Mapping[str, object],
    *,
    error_code: str | None,
    fault: bool = False,
    counts: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Log a call in one line, and count it by action and error code, with any further ``counts``.

    The line holds ids, codes and times only: never names, e-mail addresses, bodies or keys. A ``fault`` of this
    deployment is logged as an error, because the alarm counts these lines whatever the log level is.
    """
    write = _logger().error if fault else _logger().info
    write("call", extra=dict(line))
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=_service())
    metrics.add_dimension("action", str(line["action"]))
    metrics.add_metric("Calls", MetricUnit.Count, 1)
    if error_code is not None:
        metrics.add_metric("Failures", MetricUnit.Count, 1)
        metrics.add_metric(error_code, MetricUnit.Count, 1)
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    metrics.flush_metrics()
