"""Creating or updating a customer."""

from typing import Annotated, Literal

from pydantic import Field

from stigg_actions.models.base import Answer, CustomerRequest, Model
from stigg_actions.models.billing import Address, TaxId
from stigg_actions.models.values import (
    FOUR_DIGITS,
    CurrencyCode,
    Email,
    JsonText,
    Metadata,
    Picklist,
    StiggId,
    StringMap,
    Text,
    Whole,
)


class DefaultPaymentMethod(Model):
    """The payment method on file at the billing provider; only set when the customer is created."""

    type: Annotated[
        Literal["CARD", "BANK", "CASH_APP", "PAYPAL"] | None,
        Picklist,
        Field(description="CARD, BANK, CASH_APP or PAYPAL."),
    ] = None
    billing_id: Annotated[Text | None, Field(description="Id of the payment method at the billing provider.")] = None
    card_last4_digits: Annotated[
        str | None, Field(pattern=FOUR_DIGITS, description="Last four digits of the card.")
    ] = None
    card_expiry_month: Annotated[Whole | None, Field(ge=1, le=12, description="Month the card expires, 1 to 12.")] = (
        None
    )
    card_expiry_year: Annotated[Whole | None, Field(ge=2000, le=2200, description="Year the card expires.")] = None


class IntegrationLink(Model):
    """A link of the customer to an entity in another system, through one of Stigg's integrations."""

    id: Annotated[StiggId, Field(description="Stigg id of the integration.")]
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
        Field(
            description="The other system: AUTH0, ZUORA, STRIPE, HUBSPOT, AWS_MARKETPLACE, SNOWFLAKE, SALESFORCE, "
            "BIG_QUERY, OPEN_FGA, APP_STORE, RECEIVED, PREQUEL, AIRWALLEX or STRIPE_INVOICING."
        ),
    ]
    synced_entity_id: Annotated[Text, Field(description="Id of the customer in the other system.")]


class StripePassthrough(Model):
    """What is handed to Stripe as it is."""

    billing_address: Annotated[Address | None, Field(description="Billing address at Stripe.")] = None
    shipping_address: Annotated[Address | None, Field(description="Shipping address at Stripe.")] = None
    customer_name: Annotated[Text | None, Field(description="Name of the customer at Stripe.")] = None
    invoice_custom_fields: Annotated[StringMap | None, Field(description="Custom fields on invoices, key by key.")] = (
        None
    )
    metadata: Annotated[StringMap | None, Field(description="Metadata at Stripe, key by key.")] = None
    payment_method_id: Annotated[Text | None, Field(description="Stripe payment method id.")] = None
    tax_ids: Annotated[list[TaxId] | None, JsonText, Field(description="Tax ids of the customer.")] = None


class ZuoraPassthrough(Model):
    """What is handed to Zuora as it is."""

    billing_address: Annotated[Address | None, Field(description="Billing address at Zuora.")] = None
    currency: Annotated[CurrencyCode | None, Field(description="Currency of the account.")] = None
    metadata: Annotated[StringMap | None, Field(description="Metadata at Zuora, key by key.")] = None
    payment_method_id: Annotated[Text | None, Field(description="Zuora payment method id.")] = None


class Passthrough(Model):
    """What is handed to the billing provider as it is."""

    stripe: Annotated[StripePassthrough | None, Field(description="What Stripe is handed.")] = None
    zuora: Annotated[ZuoraPassthrough | None, Field(description="What Zuora is handed.")] = None


class CustomerDetails(Model):
    """What a customer is to be, in Stigg's own terms (POST and PATCH /api/v1/customers)."""

    name: Annotated[Text | None, Field(description="Name of the customer.")] = None
    email: Annotated[Email | None, Field(description="E-mail address of the customer.")] = None
    billing_currency: Annotated[CurrencyCode | None, Field(description="Currency the customer is billed in.")] = None
    billing_id: Annotated[Text | None, Field(description="Id of the customer at the billing provider.")] = None
    coupon_id: Annotated[StiggId | None, Field(description="Coupon for all of the customer's subscriptions.")] = None
    default_payment_method: Annotated[
        DefaultPaymentMethod | None, Field(description="Payment method on file; only used for a new customer.")
    ] = None
    integrations: Annotated[
        list[IntegrationLink] | None, JsonText, Field(description="Links to other systems, by Stigg's integrations.")
    ] = None
    language: Annotated[Text | None, Field(description="Language of the customer, such as en.")] = None
    timezone: Annotated[Text | None, Field(description="Time zone of the customer, such as Europe/Berlin.")] = None
    metadata: Annotated[
        Metadata | None, Field(description="Metadata of the customer, key by key; keys not named here are kept.")
    ] = None
    passthrough: Annotated[Passthrough | None, Field(description="Handed to the billing provider as it is.")] = None


class CreateCustomer(CustomerDetails, CustomerRequest):
    """The request of create-customer. With an account and no customer id, the account's id becomes the customer's."""

    def details(self) -> dict[str, object]:
        """The body of Stigg's POST /api/v1/customers, without the id; a payment method is given as a whole."""
        body = self.wire(include=set(CustomerDetails.model_fields))
        method = body.pop("defaultPaymentMethod", None)
        if method:
            names = [str(field.alias) for field in DefaultPaymentMethod.model_fields.values()]
            body["defaultPaymentMethod"] = dict.fromkeys(names) | method
        return body


class CustomerResult(Answer):
    """The answer of create-customer."""

    outcome: Annotated[
        Literal["created", "updated", "unchanged"],
        Field(description="created, updated (it existed and was changed) or unchanged (it was so already)."),
    ]
    customer_id: Annotated[str, Field(description="Stigg customer id.")]
    customer_url: Annotated[str | None, Field(description="The customer in the Stigg app, where configured.")] = None
    salesforce_linked: Annotated[
        bool, Field(description="True: Stigg's own Salesforce integration links the customer to the account.")
    ] = False
