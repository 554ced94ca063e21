"""What provisioning and archiving a contract share: its id, its customer, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.errors import Conflict
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from stigg_actions.models.contracts import ContractRequest
    from stigg_actions.stigg.contracts import Contract


def contract_id(request: ContractRequest, org_id: str) -> str:
    """Return the id of the contract that a request names: its own, or the one derived from the record."""
    return request.contract_id or f"contract-{org_id}-{request.salesforce_record_id}"


def shown(contract: Contract, customer_id: str) -> dict[str, Any]:
    """Return the fields of ``ContractAnswer``, without those that are empty in Stigg."""
    optional = {
        "name": contract.name,
        "po_number": contract.po_number,
        "state": contract.state,
        "activation_start_date": contract.activation_start_date,
        "activation_end_date": contract.activation_end_date,
    }
    ids = {"contract_id": contract.contract_id, "customer_id": customer_id}
    return {**ids, "billed": contract.is_billed, **drop_none(optional)}


def refuse_other_owner(contract: str, owner: str | None, customer_id: str) -> None:
    """Refuse a request for one customer that names the contract of another.

    Raises:
        Conflict: CUSTOMER_MISMATCH, naming both customers.
    """
    if owner not in {None, customer_id}:
        raise Conflict(
            "CUSTOMER_MISMATCH",
            f"Contract {contract} belongs to customer {owner}, and this request is for customer {customer_id}.",
            remedy=f"Send the request for {owner}, or use another contractId.",
        )
