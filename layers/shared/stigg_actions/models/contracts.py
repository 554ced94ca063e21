"""What the actions on contracts share: how a request names a contract, and what an answer says about it."""

from datetime import datetime
from typing import Self

from pydantic import model_validator

from stigg_actions.models.base import Answer, KeyedRequest, RecordReference, SupersededAnswer, field_problem
from stigg_actions.models.values import RecordId, StiggId


class ContractRequest(RecordReference, KeyedRequest):
    """A request for one contract, named by its Stigg id or by the Salesforce contract or opportunity."""

    contract_id: StiggId | None = None
    """Stigg contract id. Left out: the id that is derived from salesforceRecordId."""
    salesforce_record_id: RecordId | None = None
    """Id of the Salesforce contract or opportunity, from which the Stigg contract id is derived. 15 or 18
    characters."""

    @model_validator(mode="after")
    def _name_the_contract(self) -> Self:
        if (self.contract_id is None) == (self.salesforce_record_id is None):
            raise field_problem("contractId", "give either contractId or salesforceRecordId")
        return self


class ContractAnswer(SupersededAnswer, Answer):
    """A contract as Stigg returns it."""

    contract_id: str
    """Stigg contract id."""
    customer_id: str
    """Stigg customer id."""
    name: str | None = None
    """Name of the contract. Stigg shows the number of the purchase order instead, if there is one."""
    po_number: str | None = None
    """Number of the purchase order."""
    state: str | None = None
    """DRAFT, ACTIVE (a subscription of it is active), CANCELED (it was archived) or END_BILLING."""
    activation_start_date: datetime | None = None
    """Agreed start."""
    activation_end_date: datetime | None = None
    """Agreed end."""
    billed: bool
    """Whether the contract has a billing contract at the billing provider."""
