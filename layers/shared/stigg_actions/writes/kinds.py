"""From an operation in the ledger back to the write that it stands for.

An action settles what others have left, which may be any kind of write, and hardly ever has to. So a kind is imported
when an operation of it is met: to import all of them would be an eighth of every cold start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.operations import Operation
    from stigg_actions.writes.base import Write


class _Kind(NamedTuple):
    """Where a write and its request are: module under ``writes`` or ``models``, and class."""

    write: tuple[str, str]
    request: tuple[str, str]


_KINDS = {
    "customer": _Kind(("customer", "CustomerWrite"), ("customers", "CreateCustomer")),
    "provision": _Kind(("provision", "ProvisionWrite"), ("subscriptions", "CreateSubscription")),
    "grant": _Kind(("grant", "GrantWrite"), ("credits", "CreateCreditGrant")),
    "cancel": _Kind(("cancel", "CancelWrite"), ("subscription_changes", "CancelSubscription")),
    "reschedule": _Kind(("patch", "RescheduleWrite"), ("subscription_changes", "RescheduleCancellation")),
    "update": _Kind(("update", "UpdateWrite"), ("amendments", "UpdateSubscription")),
    "metadata": _Kind(("patch", "MetadataWrite"), ("subscription_changes", "SetSubscriptionMetadata")),
    "downgrade": _Kind(("downgrade", "DowngradeWrite"), ("downgrades", "DowngradeSubscription")),
    "renew": _Kind(("renew", "RenewWrite"), ("renewals", "RenewSubscription")),
    "workflow": _Kind(("workflow", "WorkflowWrite"), ("workflows", "TriggerWorkflow")),
}


def can_be_found(kind: str) -> bool:
    """Whether the effect of a kind of write can be found in Stigg; that of a workflow cannot."""
    return bool(_class("writes", _KINDS[kind].write).may_resend)


def restore(operation: Operation, deps: Deps) -> Write[Any, Any]:
    """Return the write of a stored operation."""
    kind = _KINDS[operation.kind]
    stored = {**operation.request, "salesforceOrgId": operation.org_id}
    request = _class("models", kind.request).stored(stored)
    restored: Write[Any, Any] = _class("writes", kind.write)(request, deps, wish=operation.wish)
    return restored


def _class(package: str, place: tuple[str, str]) -> Any:  # noqa: ANN401 - a write or a request of any kind
    module, name = place
    return getattr(import_module(f"stigg_actions.{package}.{module}"), name)
