"""Creating or updating a customer."""

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
    """What is handed to Stripe as it is."""

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
    """What is handed to Zuora as it is."""

    billing_address: Address | None = None
    """Billing address at Zuora."""
    currency: CurrencyCode | None = None
    """Currency of the account."""
    metadata: StringMap | None = None
    """Metadata at Zuora, key by key."""
    payment_method_id: Text | None = None
    """Zuora payment method id."""


class Passthrough(Model):
    """What is handed to the billing provider as it is."""

    stripe: StripePassthrough | None = None
    """What Stripe is handed."""
    zuora: ZuoraPassthrough | None = None
    """What Zuora is handed."""


class CustomerDetails(Model):
    """What a customer is to be, in Stigg's own terms (POST and PATCH /api/v1/customers)."""

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
    """Handed to the billing provider as it is."""


def _without_time_zone(schema: dict[str, Any]) -> None:
    """Leave timeZone out of what is published: no term here is a date, and Apex, without case, reads timezone."""
    schema["properties"].pop("timeZone")


class CreateCustomer(CustomerDetails, CustomerRequest):
    """The request of create-customer. With an account and no customer id, the account's id becomes the customer's."""

    model_config = ConfigDict(json_schema_extra=_without_time_zone)
    must_exist: Flag = False
    """True: refuse the request where Stigg has no such customer, instead of creating it. For an id that was entered by
    hand."""
    keep_fields: Annotated[list[Annotated[KeptField, choice(*KEPT_FIELDS)]] | None, JsonText] = None
    """Fields that only fill what is empty: name, email, billingCurrency. Another billingCurrency than the customer's is
    refused then."""
    relink_account: Flag = False
    """True: link the account to customerId even if it is linked to another customer, which keeps its subscriptions."""

    def details(self) -> dict[str, object]:
        """The body of Stigg's POST /api/v1/customers, without the id; a payment method is given as a whole."""
        body = self.to_json_fields(include=set(CustomerDetails.model_fields))
        method = body.pop("defaultPaymentMethod", None)
        if method:
            names = [str(field.alias) for field in DefaultPaymentMethod.model_fields.values()]
            body["defaultPaymentMethod"] = dict.fromkeys(names) | method
        return body


class CustomerResult(SupersededAnswer, Answer):
    """The answer of create-customer."""

    outcome: Literal["created", "updated", "unchanged", "superseded"]
    """created, updated (it existed and was changed), unchanged (it was so already) or superseded (something newer than
    asOf was done; nothing changed)."""
    customer_id: str
    """Stigg customer id."""
    customer_url: str | None = None
    """The customer in the Stigg app, where configured."""
    salesforce_linked: bool = False
    """True: Stigg's own Salesforce integration links the customer to the account."""
