"""What an operator can do about an operation, by how it stands and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.operations import Status

if TYPE_CHECKING:
    from stigg_actions.operations import Operation

_BY_CODE = {
    "OPEN_INVOICE": "Have the invoice paid or voided in the billing provider, then replay it.",
    "PENDING_PAYMENT": "Have the pending change paid, or drop it in Stigg, then replay it.",
    "RATE_LIMITED": "Replay it, when Stigg's limit allows.",
    "STIGG_KEY_REJECTED": "Store a valid server key in the environment's secret, then replay it.",
    "STIGG_KEY_LACKS_PERMISSION": "Store a full-access server key in the environment's secret, then replay it.",
    "NOT_CONFIGURED": "Mend the secret or the setting that the message names, then replay it.",
    "STIGG_UNAVAILABLE": "Nothing happened in Stigg. Replay it.",
    "STORAGE_UNAVAILABLE": "Nothing happened in Stigg. Replay it.",
    "SECRETS_UNAVAILABLE": "Nothing happened in Stigg. Replay it.",
    "INVALID_REQUEST": "Correct the record or the Flow as the message says; a corrected request is a new one.",
    "REFUSED_BY_STIGG": "Read Stigg's reason in the message; change the setup there and replay it, or the Flow.",
}
_NOT_FOUND = "Create what is missing in this Stigg environment and replay it, or correct the id in Salesforce."


def what_to_do(operation: Operation, *, can_be_found: bool) -> str:
    """Return a sentence for an operator."""
    match operation.status:
        case Status.SUCCEEDED:
            return "Nothing: it was carried out."
        case Status.FAILED if operation.forgotten_at is not None:
            return "Its request was removed by forget-customer. If it is still wanted, its caller sends it again."
        case Status.STARTED | Status.UNKNOWN if can_be_found:
            return "Nothing: reconcile settles it within minutes. To know at once, replay it."
        case Status.STARTED | Status.UNKNOWN:
            return "Look at the workflow's runs in Stigg. If it has not run, trigger it again."
        case _:
            code = str((operation.error or {}).get("errorCode", ""))
            return _BY_CODE.get(code, _NOT_FOUND if code.endswith("NOT_FOUND") else "Read the message, then replay it.")
