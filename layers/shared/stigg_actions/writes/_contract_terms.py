"""What is sent to Stigg for a contract: all of it for a new one, and what differs for an existing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.storage.operation import fingerprint
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes._metadata import Owner, marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stigg_actions.models.provision_contract import ContractSubscription, ProvisionContract
    from stigg_actions.stigg.contracts import Contract
    from stigg_actions.storage.operation import Operation


def name_digest(name: str) -> str:
    """Return the digest of a contract's name, which the tables keep instead of the name."""
    return fingerprint({"name": name})


class WantedContract(NamedTuple):
    """A requested contract: the id of each subscription in the order of the request, and the name sent before.

    ``ids`` is None if the request does not say which subscriptions the contract has.
    """

    request: ProvisionContract
    org_id: str
    ids: Sequence[str] | None
    named_before: str | None = None

    def body(self, contract_id: str, customer_id: str, operation: Operation) -> dict[str, Any]:
        """Return the body of POST /api/v1/contracts."""
        entries = zip(self.request.subscriptions or (), self.ids or (), strict=True)
        subscriptions = [self._part(entry, name, customer_id, operation) for entry, name in entries]
        own = {"contractId": contract_id, "customerId": customer_id, "setupBilling": self.request.setup_billing}
        return {**own, **self._details(), **({"subscriptions": subscriptions} if subscriptions else {})}

    def changes(self, contract: Contract, *, is_new: bool = False) -> dict[str, Any]:
        """Return the body of PATCH /api/v1/contracts/{id}: what differs from the request.

        A contract that was just created has the requested name and billing, although it may not show them yet.
        """
        details = self._details()
        if is_new or self._has_name(contract):
            details.pop("name", None)
        now = {
            "poNumber": contract.po_number,
            "activationStartDate": contract.activation_start_date,
            "activationEndDate": contract.activation_end_date,
        }
        changes = {name: value for name, value in details.items() if value != now.get(name)}
        if self.request.setup_billing and not contract.is_billed and not is_new:
            changes["setupBilling"] = True
        if self.ids is not None and set(self.ids) != set(contract.subscription_ids):
            changes["subscriptionIds"] = list(self.ids)
        return changes

    def new_terms(self, entry: ContractSubscription) -> dict[str, Any]:
        """Return the terms of a new subscription, as they are sent and kept."""
        salesforce_id = self.request.salesforce_account_id
        return {**({"salesforceId": salesforce_id} if salesforce_id else {}), **entry.terms()}

    def owner(self, entry: ContractSubscription) -> Owner:
        """Return the owner of a new subscription."""
        return Owner(self.org_id, entry.salesforce_record_id, self.request.salesforce_account_id)

    def _part(
        self, entry: ContractSubscription, subscription_id: str, customer_id: str, operation: Operation
    ) -> dict[str, Any]:
        if not entry.is_new:
            return {"existingSubscriptionId": subscription_id}
        new = {
            "id": subscription_id,
            "customerId": customer_id,
            **self.new_terms(entry),
            "metadata": {**(entry.metadata or {}), **marks(operation, self.owner(entry))},
        }
        return {"newSubscription": new}

    def _details(self) -> dict[str, Any]:
        request = self.request
        return drop_none(
            {
                "name": request.name,
                "poNumber": request.po_number,
                "activationStartDate": request.activation_start_date,
                "activationEndDate": request.activation_end_date,
            }
        )

    def _has_name(self, contract: Contract) -> bool:
        """Whether a contract has the requested name, by what was sent before if Stigg shows another number instead."""
        name = self.request.name
        if name is None or (contract.name == name and contract.po_number is None):
            return True
        is_hidden = contract.po_number is not None and contract.name == contract.po_number
        return name == contract.name if not is_hidden else name_digest(name) == self.named_before
