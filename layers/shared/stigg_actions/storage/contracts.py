"""The items of the table ``SubscriptionMappings`` for contracts: whose a contract is, and what last changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.storage.mapping_items import plain, read_latest

if TYPE_CHECKING:
    from stigg_actions.storage.dynamodb import Item
    from stigg_actions.storage.mapping import LatestOperation


class ContractState(NamedTuple):
    """A contract: its customer, and the operation that last changed it. Writes hold the lease of the customer.

    ``name_digest``: digest of the name that was last sent, which Stigg does not show beside a purchase-order number.
    """

    contract_id: str
    customer_id: str
    latest: LatestOperation
    name_digest: str | None = None


def read_contract(item: Item) -> ContractState:
    """Read a contract's item."""
    return ContractState(item["contract_id"], item["customer_id"], read_latest(item["latest"]), item.get("name_digest"))


def contract_item(state: ContractState) -> Item:
    """Return a contract's state as its item."""
    return {
        "pk": f"contract#{state.contract_id}",
        "sk": "contract",
        "contract_id": state.contract_id,
        "customer_id": state.customer_id,
        "latest": plain(state.latest),
        "name_digest": state.name_digest,
    }
