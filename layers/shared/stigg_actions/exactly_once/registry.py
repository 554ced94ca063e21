"""Every kind of write: its action, its event, and the rate limit of Stigg that its calls count towards.

Any action may have to settle an operation of any kind, but rarely does. So a kind is imported only when an operation of
that kind is met: importing all of them would take an eighth of every cold start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.models.base import KeyedRequest
    from stigg_actions.storage.operation import Operation


class Kind(NamedTuple):
    """A kind of write. The action's name is the name of its modules, the request's that of its classes."""

    action: str
    request: str
    detail_type: str
    """Detail type of the event on the bus, once the write has taken effect."""
    limited_as: str
    """Stigg limits each kind of call separately, whichever action makes the call."""
    is_action: bool = True
    """Whether callers may request it; the schedule alone makes a step of a ramp."""

    def write_class(self) -> type[Write[Any, Any]]:
        """Import the write: ``writes.cancel_subscription.CancelSubscriptionWrite``."""
        write: type[Write[Any, Any]] = _class("writes", self.action, f"{self.request}Write")
        return write

    def request_class(self) -> type[KeyedRequest]:
        """Import the request: ``models.cancel_subscription.CancelSubscription``."""
        request: type[KeyedRequest] = request_class(self.action, self.request)
        return request


KINDS = {
    "customer": Kind("create-customer", "CreateCustomer", "Customer Provisioned", "customer"),
    "enroll": Kind("import-customer", "ImportCustomer", "Customer Imported", "import"),
    "archive": Kind("archive-customer", "ArchiveCustomer", "Customer Archived", "customer"),
    "provision": Kind("create-subscription", "CreateSubscription", "Subscription Provisioned", "provision"),
    "import": Kind("import-subscription", "ImportSubscription", "Subscription Imported", "import"),
    "adopt": Kind("adopt-subscription", "AdoptSubscription", "Subscription Adopted", "update"),
    "cancel": Kind("cancel-subscription", "CancelSubscription", "Subscription Canceled", "cancel"),
    "update": Kind("update-subscription", "UpdateSubscription", "Subscription Updated", "update"),
    "reschedule": Kind("reschedule-cancellation", "RescheduleCancellation", "Cancellation Rescheduled", "update"),
    "drop": Kind("cancel-scheduled-update", "CancelScheduledUpdate", "Scheduled Update Dropped", "drop"),
    "metadata": Kind("set-subscription-metadata", "SetSubscriptionMetadata", "Subscription Metadata Set", "update"),
    "downgrade": Kind("downgrade-subscription", "DowngradeSubscription", "Subscription Downgraded", "provision"),
    "renew": Kind("renew-subscription", "RenewSubscription", "Subscription Renewed", "provision"),
    "step": Kind("apply-ramp-step", "ApplyRampStep", "Ramp Step Applied", "provision", is_action=False),
    "migrate": Kind("migrate-subscription", "MigrateSubscription", "Subscription Migrated", "migrate"),
    "pay": Kind("mark-invoice-paid", "MarkInvoicePaid", "Invoice Marked Paid", "pay"),
    "transfer": Kind("transfer-subscription", "TransferSubscription", "Subscription Transferred", "transfer"),
    "delegate": Kind("delegate-subscription", "DelegateSubscription", "Subscription Delegated", "delegate"),
    "grant": Kind("create-credit-grant", "CreateCreditGrant", "Credits Granted", "grant"),
    "void": Kind("void-credit-grant", "VoidCreditGrant", "Credits Voided", "void"),
    "usage": Kind("report-usage", "ReportUsage", "Usage Reported", "usage"),
    "entitle": Kind(
        "grant-promotional-entitlement",
        "GrantPromotionalEntitlement",
        "Promotional Entitlement Granted",
        "entitle",
    ),
    "revoke": Kind(
        "revoke-promotional-entitlement",
        "RevokePromotionalEntitlement",
        "Promotional Entitlement Revoked",
        "revoke",
    ),
    "contract": Kind("provision-contract", "ProvisionContract", "Contract Provisioned", "contract"),
    "close": Kind("archive-contract", "ArchiveContract", "Contract Archived", "close"),
    "workflow": Kind("trigger-workflow", "TriggerWorkflow", "Workflow Triggered", "workflow"),
}
"""By the kind that the ledger stores."""


def request_class(action: str, name: str) -> Any:  # noqa: ANN401 - the caller knows which
    """Import a request class by its name and the name of its action."""
    return _class("models", action, name)


def _class(package: str, action: str, name: str) -> Any:  # noqa: ANN401 - a write or a request
    return getattr(import_module(f"stigg_actions.{package}.{action.replace('-', '_')}"), name)


def can_be_found(kind: str) -> bool:
    """Whether Stigg shows the effects of a kind of write; those of workflows and usage reports it does not."""
    return KINDS[kind].write_class().can_be_found


def may_be_resent(kind: str) -> bool:
    """Whether a write of this kind can be sent again after a lost answer; a workflow cannot."""
    return KINDS[kind].write_class().safe_to_resend


def remedy_if_unsettled(kind: str) -> str:
    """Return what an operator does about an operation of this kind whose outcome is unknown."""
    return KINDS[kind].write_class().remedy_if_unsettled


def load_write(operation: Operation, deps: Deps) -> Write[Any, Any]:
    """Return the write of a stored operation. Raises ValidationError if this version cannot read its request."""
    kind = KINDS[operation.kind]
    request = kind.request_class().stored({**operation.request, "salesforceOrgId": operation.org_id})
    write = kind.write_class()(request, deps, wish=operation.wish)
    if "ramp" in operation.request:
        write.ramp = import_module("stigg_actions.storage.ramps").ramp_of(operation.request["ramp"])
    return write
