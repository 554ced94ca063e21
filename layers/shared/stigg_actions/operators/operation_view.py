"""Build the view of an operation for operators, with the remedy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stigg_actions.exactly_once.registry import remedy_if_unsettled
from stigg_actions.models.list_operations import OperationView
from stigg_actions.operators.shown_request import shown
from stigg_actions.storage.operation import Operation, Status
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from stigg_actions.storage.operation import Operation


_BY_CODE = {
    "OPEN_INVOICE": "Have the invoice paid or voided, or mark it as paid with mark-invoice-paid, then replay it.",
    "CUSTOMER_ARCHIVED": "Restore the customer with archive-customer and restore true, then replay it.",
    "PENDING_PAYMENT": "Have the pending change paid, or drop it with cancel-scheduled-update, then replay it.",
    "RATE_LIMITED": "Replay it when Stigg's rate limit allows.",
    "STIGG_KEY_REJECTED": "Store a valid server key in the environment's secret, then replay it.",
    "STIGG_KEY_LACKS_PERMISSION": "Store a full-access server key in the environment's secret, then replay it.",
    "NOT_CONFIGURED": "Correct the secret or the setting that the message names, then replay it.",
    "STIGG_UNAVAILABLE": "Nothing happened in Stigg. Replay it.",
    "STORAGE_UNAVAILABLE": "Nothing happened in Stigg. Replay it.",
    "SECRETS_UNAVAILABLE": "Nothing happened in Stigg. Replay it.",
    "INVALID_REQUEST": "Correct the record or the Flow as the message says. The corrected request is a new operation.",
    "REFUSED_BY_STIGG": "Read Stigg's reason in the message. Correct the setup in Stigg and replay it, or the Flow.",
}


_NOT_FOUND = "Create the missing object in this Stigg environment and replay it, or correct the id in Salesforce."


def what_to_do(operation: Operation) -> str:
    """Return the remedy for an operator."""
    match operation.status:
        case Status.SUCCEEDED:
            return "No action is needed: the operation succeeded."
        case Status.FAILED if operation.forgotten_at is not None:
            return "forget-customer removed its request. If it is still needed, send it again from its source."
        case Status.STARTED | Status.UNKNOWN:
            return remedy_if_unsettled(operation.kind)
        case Status.FAILED if operation.kind == "step" and _code(operation) == "INVALID_REQUEST":
            return "Do what the message says, then replay it."
        case _:
            code = _code(operation)
            return _BY_CODE.get(code, _NOT_FOUND if code.endswith("NOT_FOUND") else "Read the message, then replay it.")


def _code(operation: Operation) -> str:
    return str((operation.error or {}).get("errorCode", ""))


def view_of(operation: Operation, *, with_request: bool = False) -> OperationView:
    """Return the view of an operation for operators."""
    error = operation.error or {}
    optional = {
        "salesforce_record_id": operation.request.get("salesforceRecordId") or operation.record_id,
        "customer_id": operation.customer_id,
        "subscription_id": operation.subscription_id,
        "latest_correlation_id": operation.latest_correlation_id,
        "finished_at": _moment(operation.finished_at),
        "error_code": error.get("errorCode"),
        "error_message": error.get("errorMessage"),
        "request": shown(operation.request) if with_request and operation.request else None,
    }
    return OperationView.model_validate(
        {
            "operation_key": operation.operation_key,
            "intent": operation.intent,
            "attempt": operation.attempt,
            "kind": operation.kind,
            "status": str(operation.status),
            "salesforce_org_id": operation.org_id,
            "correlation_id": operation.correlation_id,
            "started_at": _moment(operation.started_at),
            "what_to_do": what_to_do(operation),
            **drop_none(optional),
        }
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
