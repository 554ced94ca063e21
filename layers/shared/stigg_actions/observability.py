"""What operators see of a call: one line, and counts."""

from __future__ import annotations

import logging
import os
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.errors import ActionError
    from stigg_actions.stigg.pages import Unreadable

SERVICE = "stigg-actions"
NAMESPACE = "StiggActions"


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
    _logger().info("followed", extra=dict(detail))


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
