"""What operators see of a call: one line, and counts."""

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
"""Fields of requests that name a record of Salesforce, and the field of the line that has it."""


class Subjects:
    """The ids that one call is about, as its line has them; several of a kind are separated by commas."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, None]] = {}

    def note(self, **ids: object) -> None:
        """Add ids by the field of the line that has them; what is not an id is left out."""
        for name, value in ids.items():
            if isinstance(value, str) and _ID.fullmatch(value):
                self._ids.setdefault(name, {})[loggable(value)] = None

    def note_body(self, body: Mapping[str, object]) -> None:
        """Add the ids of a request or an answer, as it came over the wire."""
        self.note(**{name: body.get(name) for name in _IDS_OF_A_BODY})
        for field, name in _RECORDS_OF_A_BODY.items():
            self.note(**{name: plain_id(body.get(field))})

    def line(self) -> dict[str, str]:
        """Return the fields of the line."""
        return {name: ", ".join(ids) for name, ids in self._ids.items()}


def loggable(text: str) -> str:
    """Return an id as a line may hold it: one with an @, which may be an e-mail address, as a digest."""
    return f"hidden-{hashlib.sha256(text.encode()).hexdigest()[:12]}" if "@" in text else text


def field_names(problems: Sequence[Problem]) -> str | None:
    """Return which fields were wrong, without their values; a name that may be a value is shown as ``?``."""
    names = [problem.field if _FIELD.fullmatch(problem.field) else "?" for problem in problems[:_MOST_FIELDS]]
    return ", ".join(names) or None


def silence_libraries() -> None:
    """Let other loggers than ours write warnings and errors alone, whatever level Lambda sets for all of them.

    On finer levels botocore writes the bodies that it sends and gets, the secret among them, and httpx each address.
    """
    logging.getLogger().setLevel(logging.WARNING)


@cache
def _logger() -> Logger:
    return Logger(service=_service())


def _service() -> str:
    """Name whose lines and counts these are: the stack's, as the template sets it."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME") or SERVICE


def record_batched(batch_id: str, index: int, answer: Mapping[str, object], *, given_up: bool) -> None:
    """Write the one line of a request of a batch that got its result; its action has written the line of the call."""
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
    """Write the one line of a webhook that came in. One without the secret is no fault of ours, and rings no alarm."""
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
    """Write the one line of a webhook that cannot be followed now, and why."""
    reason = getattr(cause, "code", "IN_PROGRESS")
    _logger().warning("later", extra={"action": "handle_webhook", "webhookKey": key, "reason": reason})


def record_followed(detail: Mapping[str, object]) -> None:
    """Write the one line of a webhook that was followed: what is told of it on the bus."""
    line = {name: loggable(value) if isinstance(value, str) else value for name, value in detail.items()}
    _logger().info("followed", extra=line)


def record_unreadable(items: Sequence[Unreadable], *, count: int) -> None:
    """Write the one line of a run that met items of Stigg's which cannot be read: ids, and names of fields alone."""
    told = [{"id": one.id, "fields": one.fields} for one in items]
    _logger().warning("unreadable", extra={"action": "reconcile", "count": count, "items": told})


def record_published(events: int) -> None:
    """Write the one line of a run of the publisher."""
    _logger().info("published", extra={"events": events})


def record_call(
    line: Mapping[str, object],
    *,
    error_code: str | None,
    fault: bool = False,
    counts: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Write the one line of a call, and count it by action and error code, and whatever else is to be counted.

    The line holds ids, codes and times only: never names, e-mail addresses, bodies or keys. A ``fault``, which is no
    caller's, is an error whatever level is logged: the alarm counts these lines.
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
