"""Stigg's contracts: reading them, creating one with its subscriptions, changing and archiving one.

Imported only by the actions that work with contracts.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from stigg_actions.stigg.request import in_path
from stigg_actions.stigg.schema_values import Listed, Said, ShownMoment, Word
from stigg_actions.stigg.schemas import WireModel

if TYPE_CHECKING:
    from stigg_actions.stigg.client import Stigg

_CONTRACTS = "/api/v1/contracts"


class ContractSubscription(WireModel):
    """A subscription of a contract."""

    subscription_id: Word


class Contract(WireModel):
    """A contract (/api/v1/contracts, GET /api/v1/customers/{id}/contracts).

    ``persisted_id`` is its id in its subscriptions' ``contract_id``. If it has a purchase-order number, Stigg shows
    that as its name.
    """

    contract_id: str
    persisted_id: Said = Field(None, alias="id")
    customer_external_id: Said = None
    name: Said = None
    po_number: Said = None
    state: Said = None
    billing_state: Said = None
    billing_id: Said = None
    activation_start_date: ShownMoment = None
    activation_end_date: ShownMoment = None
    subscriptions: Listed[ContractSubscription] = Field(default_factory=list)

    @property
    def subscription_ids(self) -> list[str]:
        """The ids of its subscriptions."""
        return [subscription.subscription_id for subscription in self.subscriptions]

    @property
    def is_archived(self) -> bool:
        """Whether it was archived."""
        return self.state == "CANCELED"

    @property
    def is_billed(self) -> bool:
        """Whether it has a contract at the billing provider."""
        return self.billing_state is not None or self.billing_id is not None


class Contracts(WireModel):
    """A customer's contracts, which Stigg lists on one page."""

    data: Listed[Contract]


def contracts_of(stigg: "Stigg", customer_id: str) -> list[Contract]:
    """Read a customer's contracts: GET /api/v1/customers/{id}/contracts."""
    path = f"/api/v1/customers/{in_path(customer_id)}/contracts"
    return stigg.read(Contracts, path, f"contracts of customer {customer_id}").data


def get_contract(stigg: "Stigg", contract_id: str) -> Contract:
    """Read a contract: GET /api/v1/contracts/{id}."""
    return stigg.read(Contract, _path(contract_id), f"contract {contract_id}")


def find_contract(stigg: "Stigg", contract_id: str) -> Contract | None:
    """Read a contract; None if it does not exist in Stigg."""
    return stigg.find(Contract, _path(contract_id), f"contract {contract_id}")


def create_contract(stigg: "Stigg", *, body: Mapping[str, Any], idempotency_key: str) -> Contract:
    """Create a contract with its subscriptions, all or nothing: POST /api/v1/contracts.

    If a contract has the id in the body already, Stigg changes nothing and answers with that contract.
    """
    return stigg.write(Contract, "POST", _CONTRACTS, body, f"contract {body['contractId']}", idempotency_key)


def update_contract(stigg: "Stigg", contract_id: str, *, body: Mapping[str, Any]) -> Contract:
    """Change the given fields of a contract: PATCH /api/v1/contracts/{id}. Its subscriptions are replaced whole."""
    return stigg.write(Contract, "PATCH", _path(contract_id), body, f"contract {contract_id}")


def archive_contract(stigg: "Stigg", contract_id: str, *, idempotency_key: str) -> Contract:
    """Archive a contract, which cancels its subscriptions: POST /api/v1/contracts/{id}/archive."""
    path = f"{_path(contract_id)}/archive"
    return stigg.write(Contract, "POST", path, {}, f"contract {contract_id}", idempotency_key)


def _path(contract_id: str) -> str:
    return f"{_CONTRACTS}/{in_path(contract_id)}"
