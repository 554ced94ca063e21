"""The request and the answer of create-customer."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from stigg_actions.models.base import Answer, CustomerRequest, Model, SupersededAnswer
from stigg_actions.models.billing import Address, TaxId
from stigg_actions.models.values import (
    FOUR_DIGITS,
    CurrencyCode,
    Email,
    Flag,
    JsonText,
    Metadata,
    Picklist,
    StiggId,
    StringMap,
    Text,
    Whole,
    choice,
)

KeptField = Literal["name", "email", "billingCurrency"]
KEPT_FIELDS = ("name", "email", "billingCurrency")


class DefaultPaymentMethod(Model):
    """The payment method on file at the billing provider; only set when the customer is created."""

    type: Annotated[Literal["CARD", "BANK", "CASH_APP", "PAYPAL"] | None, Picklist] = None
    """CARD, BANK, CASH_APP or PAYPAL."""
    billing_id: Text | None = None
    """Id of the payment method at the billing provider."""
    card_last4_digits: Annotated[str | None, Field(pattern=FOUR_DIGITS)] = None
    """Last four digits of the card."""
    card_expiry_month: Annotated[Whole | None, Field(ge=1, le=12)] = None
    """Month the card expires, 1 to 12."""
    card_expiry_year: Annotated[Whole | None, Field(ge=2000, le=2200)] = None
    """Year the card expires."""


class IntegrationLink(Model):
    """A link of the customer to an entity in another system, through one of Stigg's integrations."""

    id: StiggId
    """Stigg id of the integration."""
    vendor_identifier: Annotated[
        Literal[
            "AUTH0",
            "ZUORA",
            "STRIPE",
            "HUBSPOT",
            "AWS_MARKETPLACE",
            "SNOWFLAKE",
            "SALESFORCE",
            "BIG_QUERY",
            "OPEN_FGA",
            "APP_STORE",
            "RECEIVED",
            "PREQUEL",
            "AIRWALLEX",
            "STRIPE_INVOICING",
        ],
        Picklist,
    ]
    """The other system: AUTH0, ZUORA, STRIPE, HUBSPOT, AWS_MARKETPLACE, SNOWFLAKE, SALESFORCE, BIG_QUERY, OPEN_FGA,
    APP_STORE, RECEIVED, PREQUEL, AIRWALLEX or STRIPE_INVOICING."""
    synced_entity_id: Text
    """Id of the customer in the other system."""


class StripePassthrough(Model):
    """Fields that are passed to Stripe unchanged."""

    billing_address: Address | None = None
    """Billing address at Stripe."""
    shipping_address: Address | None = None
    """Shipping address at Stripe."""
    customer_name: Text | None = None
    """Name of the customer at Stripe."""
    invoice_custom_fields: StringMap | None = None
    """Custom fields on invoices, key by key."""
    metadata: StringMap | None = None
    """Metadata at Stripe, key by key."""
    payment_method_id: Text | None = None
    """Stripe payment method id."""
    tax_ids: Annotated[list[TaxId] | None, JsonText] = None
    """Tax ids of the customer."""


class ZuoraPassthrough(Model):
    """Fields that are passed to Zuora unchanged."""

    billing_address: Address | None = None
    """Billing address at Zuora."""
    currency: CurrencyCode | None = None
    """Currency of the account."""
    metadata: StringMap | None = None
    """Metadata at Zuora, key by key."""
    payment_method_id: Text | None = None
    """Zuora payment method id."""


class Passthrough(Model):
    """Fields that are passed to the billing provider unchanged."""

    stripe: StripePassthrough | None = None
    """Fields for Stripe."""
    zuora: ZuoraPassthrough | None = None
    """Fields for Zuora."""


class CustomerDetails(Model):
    """The fields of a customer, as in Stigg's API (POST and PATCH /api/v1/customers)."""

    name: Text | None = None
    """Name of the customer."""
    email: Email | None = None
    """E-mail address of the customer."""
    billing_currency: CurrencyCode | None = None
    """Currency the customer is billed in."""
    billing_id: Text | None = None
    """Id of the customer at the billing provider."""
    coupon_id: StiggId | None = None
    """Coupon for all of the customer's subscriptions."""
    default_payment_method: DefaultPaymentMethod | None = None
    """Payment method on file; only used for a new customer."""
    integrations: Annotated[list[IntegrationLink] | None, JsonText] = None
    """Links to other systems, by Stigg's integrations."""
    language: Text | None = None
    """Language of the customer, such as en."""
    timezone: Text | None = None
    """Time zone of the customer, such as Europe/Berlin."""
    metadata: Metadata | None = None
    """Metadata of the customer, key by key; keys not named here are kept."""
    passthrough: Passthrough | None = None
    """Fields that are passed to the billing provider unchanged."""


def _without_time_zone(schema: dict[str, Any]) -> None:
    """Omit timeZone from the schema: no field is a date, and Apex, which ignores case, would take it for timezone."""
    schema["properties"].pop("timeZone")


class CreateCustomer(CustomerDetails, CustomerRequest):
    """The request of create-customer. Without customerId, the id of the account becomes the customer id."""

    model_config = ConfigDict(json_schema_extra=_without_time_zone)
    must_exist: Flag = False
    """True: refuse the request if Stigg has no such customer, instead of creating it. Use it for an id that was entered
    by hand."""
    keep_fields: Annotated[list[Annotated[KeptField, choice(*KEPT_FIELDS)]] | None, JsonText] = None
    """Fields to set only if the customer has no value: name, email, billingCurrency. With billingCurrency, a currency
    that differs from the customer's is refused."""
    relink_account: Flag = False
    """True: link the account to customerId even if it is linked to another customer, which keeps its subscriptions."""

    def details(self) -> dict[str, object]:
        """Return the body of Stigg's POST /api/v1/customers without the id. A payment method has all its fields."""
        body = self.to_json_fields(include=set(CustomerDetails.model_fields))
        method = body.pop("defaultPaymentMethod", None)
        if method:
            names = [str(field.alias) for field in DefaultPaymentMethod.model_fields.values()]
            body["defaultPaymentMethod"] = dict.fromkeys(names) | method
        return body


class CustomerResult(SupersededAnswer, Answer):
    """The answer of create-customer."""

    outcome: Literal["created", "updated", "unchanged", "superseded"]
    """created, updated (it existed and was changed), unchanged (it was already as requested) or superseded (skipped,
    because a change newer than asOf was made)."""
    customer_id: str
    """Stigg customer id."""
    customer_url: str | None = None
    """URL of the customer in the Stigg app, if configured."""
    salesforce_linked: bool = False
    """True: Stigg's own Salesforce integration links the customer to the account."""
