"""The actions that a batch may name: every action that writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.exactly_once.registry import KINDS, request_class

if TYPE_CHECKING:
    from stigg_actions.models.base import ActionRequest

TRIGGER_WORKFLOW = "trigger-workflow"


class BatchAction(NamedTuple):
    """An action of a batch: the module and class of its request, and the Stigg rate limit that it counts towards."""

    request_of: str
    request: str
    limited_as: str

    def request_class(self) -> type[ActionRequest]:
        """Import the class of the request."""
        model: type[ActionRequest] = request_class(self.request_of, self.request)
        return model


BATCH_ACTIONS = {
    kind.action: BatchAction(kind.action, kind.request, kind.limited_as) for kind in KINDS.values() if kind.is_action
} | {
    "create-subscription-with-return-data": BatchAction("create-subscription", "CreateSubscription", "provision"),
    "provision-opportunity": BatchAction("provision-opportunity", "ProvisionOpportunity", "provision"),
}
"""All of them, by the name of the action."""

FOR_OPERATORS = frozenset({"import-customer", "import-subscription"})
"""Those without a route. A batch that came through the API cannot hold them either."""
