"""The request and the answer of void-credit-grant."""

from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import Answer, KeyedRequest, RecordFields, SupersededAnswer, field_problem
from stigg_actions.models.values import CustomerId, StiggId


class VoidCreditGrant(RecordFields, KeyedRequest):
    """The request of void-credit-grant. It names a grant by id and customer, or by its record alone."""

    grant_id: StiggId | None = None
    """Stigg credit grant id, as in the answer of create-credit-grant. Left out: the grant of salesforceRecordId."""
    customer_id: CustomerId | None = None
    """With grantId: Stigg customer id. Left out: the customer that salesforceAccountId is linked to."""
    resource_id: StiggId | None = None
    """With grantId: resource that the credits are for. Required if the grant has one, because Stigg lists the grants of
    each resource separately."""

    @model_validator(mode="after")
    def _name_the_grant(self) -> Self:
        if (self.grant_id is None) == (self.salesforce_record_id is None):
            raise field_problem("grantId", "give either grantId or salesforceRecordId")
        if self.grant_id is None:
            self._refuse_names_beside_record()
        elif self.customer_id is None and self.salesforce_account_id is None:
            raise field_problem("customerId", "is required with grantId, or give salesforceAccountId instead")
        return self

    def _refuse_names_beside_record(self) -> None:
        names = {
            "customerId": self.customer_id,
            "salesforceAccountId": self.salesforce_account_id,
            "resourceId": self.resource_id,
        }
        for name, value in names.items():
            if value is not None:
                raise field_problem(name, "is only for grantId: the record has its grant's customer and resource")


class VoidedGrant(SupersededAnswer, Answer):
    """The answer of void-credit-grant."""

    outcome: Literal["voided", "unchanged", "superseded"]
    """voided, unchanged (it was voided already) or superseded (skipped, because the record's grant was made from newer
    data than asOf)."""
    grant_id: str
    """Stigg credit grant id."""
    customer_id: str
    """Stigg customer id."""
    status: str
    """Status of the grant: VOIDED. Outcome superseded: the status that the grant was created with."""
    amount: Decimal | None = None
    """Credits that were granted."""
    consumed_amount: Decimal | None = None
    """Credits of the grant that were used before. Voiding does not give them back."""
    currency_id: str
    """Id of the credit currency."""
    voided_at: datetime | None = None
    """When the grant was voided."""
