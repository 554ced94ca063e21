"""From an operation in the ledger back to the write that it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.amendments import UpdateSubscription
from stigg_actions.models.credits import CreateCreditGrant
from stigg_actions.models.customers import CreateCustomer
from stigg_actions.models.downgrades import DowngradeSubscription
from stigg_actions.models.renewals import RenewSubscription
from stigg_actions.models.subscription_changes import (
    CancelSubscription,
    RescheduleCancellation,
    SetSubscriptionMetadata,
)
from stigg_actions.models.subscriptions import CreateSubscription
from stigg_actions.models.workflows import TriggerWorkflow
from stigg_actions.writes.cancel import CancelWrite
from stigg_actions.writes.customer import CustomerWrite
from stigg_actions.writes.downgrade import DowngradeWrite
from stigg_actions.writes.grant import GrantWrite
from stigg_actions.writes.patch import MetadataWrite, RescheduleWrite
from stigg_actions.writes.provision import ProvisionWrite
from stigg_actions.writes.renew import RenewWrite
from stigg_actions.writes.update import UpdateWrite
from stigg_actions.writes.workflow import WorkflowWrite

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.operations import Operation
    from stigg_actions.writes.base import Write

_KINDS: dict[str, tuple[Any, Any]] = {
    CustomerWrite.kind: (CustomerWrite, CreateCustomer),
    ProvisionWrite.kind: (ProvisionWrite, CreateSubscription),
    GrantWrite.kind: (GrantWrite, CreateCreditGrant),
    CancelWrite.kind: (CancelWrite, CancelSubscription),
    RescheduleWrite.kind: (RescheduleWrite, RescheduleCancellation),
    UpdateWrite.kind: (UpdateWrite, UpdateSubscription),
    MetadataWrite.kind: (MetadataWrite, SetSubscriptionMetadata),
    DowngradeWrite.kind: (DowngradeWrite, DowngradeSubscription),
    RenewWrite.kind: (RenewWrite, RenewSubscription),
    WorkflowWrite.kind: (WorkflowWrite, TriggerWorkflow),
}


def can_be_found(kind: str) -> bool:
    """Whether the effect of a kind of write can be found in Stigg; that of a workflow cannot."""
    write, _ = _KINDS[kind]
    return bool(write.may_resend)


def restore(operation: Operation, deps: Deps) -> Write[Any, Any]:
    """Return the write of a stored operation."""
    write, request = _KINDS[operation.kind]
    stored = {**operation.request, "salesforceOrgId": operation.org_id}
    restored: Write[Any, Any] = write(request.stored(stored), deps)
    return restored
