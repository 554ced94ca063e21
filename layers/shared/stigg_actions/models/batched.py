"""The actions that a batch may name: all that write."""

from typing import NamedTuple

from stigg_actions.models.amendments import UpdateSubscription
from stigg_actions.models.base import ActionRequest
from stigg_actions.models.credits import CreateCreditGrant
from stigg_actions.models.customers import CreateCustomer
from stigg_actions.models.downgrades import DowngradeSubscription
from stigg_actions.models.opportunities import ProvisionOpportunity
from stigg_actions.models.renewals import RenewSubscription
from stigg_actions.models.subscription_changes import (
    CancelSubscription,
    RescheduleCancellation,
    SetSubscriptionMetadata,
)
from stigg_actions.models.subscriptions import CreateSubscription
from stigg_actions.models.workflows import TriggerWorkflow

TRIGGER_WORKFLOW = "trigger-workflow"


class Batched(NamedTuple):
    """What an action takes, and whose limit in Stigg its calls count for."""

    model: type[ActionRequest]
    limited_as: str


BATCHED = {
    "create-customer": Batched(CreateCustomer, "customer"),
    "create-subscription": Batched(CreateSubscription, "provision"),
    "create-subscription-with-return-data": Batched(CreateSubscription, "provision"),
    "cancel-subscription": Batched(CancelSubscription, "cancel"),
    "update-subscription": Batched(UpdateSubscription, "update"),
    "reschedule-cancellation": Batched(RescheduleCancellation, "update"),
    "set-subscription-metadata": Batched(SetSubscriptionMetadata, "update"),
    "downgrade-subscription": Batched(DowngradeSubscription, "provision"),
    "renew-subscription": Batched(RenewSubscription, "provision"),
    "provision-opportunity": Batched(ProvisionOpportunity, "provision"),
    "create-credit-grant": Batched(CreateCreditGrant, "grant"),
    TRIGGER_WORKFLOW: Batched(TriggerWorkflow, "workflow"),
}
"""By the action's name. Stigg limits each kind of write by itself, whatever action makes it."""
