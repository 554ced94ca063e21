"""Granting credits."""

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
    """How the billing provider is to invoice a paid grant."""

    billing_address: Annotated[Address | None, Field(description="Address on the invoice.")] = None
    invoice_days_until_due: Annotated[Whole | None, Field(description="Days until the invoice is due.")] = None
    is_invoice_paid: Annotated[Flag | None, Field(description="True: the invoice was paid outside of Stigg.")] = None


class GrantTerms(Model):
    """What is to be granted, in Stigg's own terms (POST /api/v1/credits/grants)."""

    currency_id: Annotated[StiggId, Field(description="Id of the credit currency, such as cred-type-tokens.")]
    amount: Annotated[Amount, Field(gt=0, description="Credits to grant.")]
    display_name: Annotated[Text, Field(description="Name of the grant, as shown to people.")]
    grant_type: Annotated[Literal["PAID", "PROMOTIONAL"], Picklist, Field(description="PAID, or PROMOTIONAL for free.")]
    cost: Annotated[Money | None, Field(description="Price of the grant.")] = None
    payment_collection_method: Annotated[
        PaymentCollectionMethod | None,
        Field(
            description="How a grant with a cost is paid: CHARGE the payment method on file, INVOICE (usable once "
            "paid) or NONE."
        ),
    ] = None
    await_payment_confirmation: Annotated[
        Flag | None, Field(description="True (the default): wait for the result of the payment.")
    ] = None
    billing_information: Annotated[GrantBillingInformation | None, Field(description="How to invoice.")] = None
    effective_at: Annotated[StartMoment | None, Field(description="When the credits become usable. Left out: now.")] = (
        None
    )
    expire_at: Annotated[EndMoment | None, Field(description="When they expire. Left out: never.")] = None
    priority: Annotated[
        Whole | None, Field(le=100, description="0 to 100; credits with the lower number are used first. Default 50.")
    ] = None
    resource_id: Annotated[StiggId | None, Field(description="Resource that the credits are for.")] = None
    comment: Annotated[LongText | None, Field(description="Free text kept with the grant.")] = None
    metadata: Annotated[Metadata | None, Field(description="Metadata kept with the grant, key by key.")] = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.effective_at and self.expire_at and self.expire_at <= self.effective_at:
            raise field_problem("expireAt", "must lie after effectiveAt")
        if self.cost is not None and self.payment_collection_method is None:
            raise field_problem("paymentCollectionMethod", "is required with a cost: CHARGE, INVOICE or NONE")
        return self


class CreateCreditGrant(GrantTerms, CustomerRequest):
    """The request of create-credit-grant. Credits are money: it must name a record or carry a key, to happen once."""

    @model_validator(mode="after")
    def _happens_once(self) -> Self:
        if self.salesforce_record_id is None and self.idempotency_key is None:
            raise field_problem(
                "salesforceRecordId", "is required, or idempotencyKey in its place, so that no grant is made twice"
            )
        return self

    def terms(self) -> dict[str, object]:
        """The body of Stigg's POST /api/v1/credits/grants, without the customer."""
        return self.wire(include=set(GrantTerms.model_fields))


class CreditGrantResult(Answer):
    """The answer of create-credit-grant."""

    outcome: Annotated[
        Literal["created", "scheduled", "paymentRequired"],
        Field(description="created, scheduled (usable later) or paymentRequired (usable once paid)."),
    ]
    grant_id: Annotated[str, Field(description="Stigg credit grant id.")]
    customer_id: Annotated[str, Field(description="Stigg customer id.")]
    status: Annotated[
        str, Field(description="Status of the grant: ACTIVE, SCHEDULED, PAYMENT_PENDING, EXPIRED or VOIDED.")
    ]
    active: Annotated[bool, Field(description="True: the credits are usable now.")]
    amount: Annotated[Decimal, Field(description="Credits granted.")]
    currency_id: Annotated[str, Field(description="Id of the credit currency.")]
    effective_at: Annotated[datetime | None, Field(description="When the credits become usable.")] = None
    expire_at: Annotated[datetime | None, Field(description="When the credits expire.")] = None
    payment_url: Annotated[str | None, Field(description="Page on which the invoice can be paid.")] = None
