"""The request and the answer of create-credit-grant."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import Answer, CustomerRequest, Model, field_problem
from stigg_actions.models.billing import Address, Money, PaymentCollectionMethod
from stigg_actions.models.values import (
    Amount,
    EndMoment,
    Flag,
    LongText,
    Metadata,
    Picklist,
    StartMoment,
    StiggId,
    Text,
    Whole,
)


class GrantBillingInformation(Model):
    """How the billing provider invoices a paid grant."""

    billing_address: Address | None = None
    """Address on the invoice."""
    invoice_days_until_due: Whole | None = None
    """Days until the invoice is due."""
    is_invoice_paid: Flag | None = None
    """True: the invoice was paid outside of Stigg."""


class GrantTerms(Model):
    """The terms of a grant, as in Stigg's API (POST /api/v1/credits/grants)."""

    currency_id: StiggId
    """Id of the credit currency, such as cred-type-tokens."""
    amount: Annotated[Amount, Field(gt=0)]
    """Credits to grant."""
    display_name: Text
    """Display name of the grant."""
    grant_type: Annotated[Literal["PAID", "PROMOTIONAL"], Picklist]
    """PAID, or PROMOTIONAL for free."""
    cost: Money | None = None
    """Price of the grant."""
    payment_collection_method: PaymentCollectionMethod | None = None
    """How a grant with a cost is paid: CHARGE the payment method on file, INVOICE (usable once paid) or NONE."""
    await_payment_confirmation: Flag | None = None
    """True (the default): wait for the result of the payment."""
    billing_information: GrantBillingInformation | None = None
    """How to invoice."""
    effective_at: StartMoment | None = None
    """When the credits become usable. Left out: now."""
    expire_at: EndMoment | None = None
    """When they expire. Left out: never."""
    priority: Annotated[Whole | None, Field(le=100)] = None
    """0 to 100; credits with the lower number are used first. Default 50."""
    resource_id: StiggId | None = None
    """Resource that the credits are for."""
    comment: LongText | None = None
    """Free text that Stigg stores with the grant."""
    metadata: Metadata | None = None
    """Metadata that Stigg stores with the grant, key by key."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.effective_at and self.expire_at and self.expire_at <= self.effective_at:
            raise field_problem("expireAt", "must be later than effectiveAt")
        if self.cost is not None and self.payment_collection_method is None:
            raise field_problem("paymentCollectionMethod", "is required with a cost: CHARGE, INVOICE or NONE")
        return self


class CreateCreditGrant(GrantTerms, CustomerRequest):
    """The request of create-credit-grant. It must name a record or have a key, so that credits are granted once."""

    @model_validator(mode="after")
    def _happens_once(self) -> Self:
        if self.salesforce_record_id is None and self.idempotency_key is None:
            raise field_problem(
                "salesforceRecordId", "is required, or give idempotencyKey instead, so that no grant is made twice"
            )
        return self

    def terms(self) -> dict[str, object]:
        """Return the body of Stigg's POST /api/v1/credits/grants without the customer."""
        return self.to_json_fields(include=set(GrantTerms.model_fields))


class CreditGrantResult(Answer):
    """The answer of create-credit-grant."""

    outcome: Literal["created", "scheduled", "paymentRequired"]
    """created, scheduled (usable later) or paymentRequired (usable once paid)."""
    grant_id: str
    """Stigg credit grant id."""
    customer_id: str
    """Stigg customer id."""
    status: str
    """Status of the grant: ACTIVE, SCHEDULED, PAYMENT_PENDING, EXPIRED or VOIDED."""
    active: bool
    """True: the credits are usable now."""
    amount: Decimal
    """Credits granted."""
    currency_id: str
    """Id of the credit currency."""
    effective_at: datetime | None = None
    """When the credits become usable."""
    expire_at: datetime | None = None
    """When the credits expire."""
    payment_url: str | None = None
    """Page on which the invoice can be paid."""
