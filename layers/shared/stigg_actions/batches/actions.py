"""The actions that a batch may name: all that write."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.exactly_once.registry import KINDS

if TYPE_CHECKING:
    from stigg_actions.models.base import ActionRequest

TRIGGER_WORKFLOW = "trigger-workflow"
PROVISION_OPPORTUNITY = "provision-opportunity"


class BatchAction(NamedTuple):
    """An action of a batch: the module and class of its request, and the limit of Stigg that counts its calls."""

    module: str
    request: str
    limited_as: str

    def request_class(self) -> type[ActionRequest]:
        """Import the request."""
        found: type[ActionRequest] = getattr(import_module(f"stigg_actions.models.{self.module}"), self.request)
        return found


BATCH_ACTIONS = {
    kind.action: BatchAction(kind.action.replace("-", "_"), kind.request, kind.limited_as) for kind in KINDS.values()
} | {
    "create-subscription-with-return-data": BatchAction("create_subscription", "CreateSubscription", "provision"),
    PROVISION_OPPORTUNITY: BatchAction("provision_opportunity", "ProvisionOpportunity", "provision"),
}
"""By the action's name."""
