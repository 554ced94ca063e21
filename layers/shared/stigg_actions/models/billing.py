"""Money, addresses, coupons, and how a subscription or a grant is paid for."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.values import (
    Amount,
    CurrencyCode,
    Flag,
    JsonText,
    LongText,
    Picklist,
    StartMoment,
    StiggId,
    StringMap,
    Text,
    WebAddress,
    Whole,
)

PaymentCollectionMethod = Annotated[Literal["CHARGE", "INVOICE", "NONE"], Picklist]


class Money(Model):
    """An amount of money in whole currency units: 49 is 49.00."""

    amount: Annotated[Amount, Field(description="Amount in whole currency units: 49 is 49.00.")]
    currency: Annotated[CurrencyCode, Field(description="Three-letter currency code, such as USD.")]


class Address(Model):
    """A postal address."""

    line1: Annotated[Text | None, Field(description="First address line.")] = None
    line2: Annotated[Text | None, Field(description="Second address line.")] = None
    city: Annotated[Text | None, Field(description="City of the address.")] = None
    state: Annotated[Text | None, Field(description="State or province.")] = None
    postal_code: Annotated[Text | None, Field(description="Postal code.")] = None
    country: Annotated[Text | None, Field(description="Country, as code or name, such as US.")] = None


class TaxId(Model):
    """A tax registration of the customer."""

    type: Annotated[Text, Field(description="Kind of tax id, such as eu_vat.")]
    value: Annotated[Text, Field(description="The number of the tax id itself.")]


class BillingInformation(Model):
    """How the billing provider is to invoice a subscription."""

    billing_address: Annotated[Address | None, Field(description="Address on the invoice.")] = None
    charge_on_behalf_of_account: Annotated[
        Text | None, Field(description="Connected billing account to charge on behalf of.")
    ] = None
    integration_id: Annotated[StiggId | None, Field(description="Stigg id of the billing integration to use.")] = None
    invoice_days_until_due: Annotated[Whole | None, Field(description="Days until the invoice is due.")] = None
    is_backdated: Annotated[Flag | None, Field(description="True: the subscription is back-dated.")] = None
    is_invoice_paid: Annotated[Flag | None, Field(description="True: the invoice was paid outside of Stigg.")] = None
    metadata: Annotated[StringMap | None, Field(description="Metadata for the billing provider, key by key.")] = None
    proration_behavior: Annotated[
        Literal["INVOICE_IMMEDIATELY", "CREATE_PRORATIONS", "NONE"] | None,
        Picklist,
        Field(description="What happens with prorated amounts: INVOICE_IMMEDIATELY, CREATE_PRORATIONS or NONE."),
    ] = None
    tax_ids: Annotated[list[TaxId] | None, JsonText, Field(description="Tax ids of the customer.")] = None
    tax_percentage: Annotated[Amount | None, Field(le=100, description="Tax in percent, 0 to 100.")] = None
    tax_rate_ids: Annotated[list[Text] | None, JsonText, Field(description="Tax rates of the billing provider.")] = None


class Discount(Model):
    """A discount made for this subscription alone."""

    name: Annotated[Text | None, Field(description="Name of the discount.")] = None
    description: Annotated[LongText | None, Field(description="Description of the discount.")] = None
    duration_in_months: Annotated[Whole | None, Field(description="Months the discount lasts.")] = None
    percent_off: Annotated[Amount | None, Field(le=100, description="Percentage off, 0 to 100.")] = None
    amounts_off: Annotated[list[Money] | None, JsonText, Field(description="Amounts off, one for each currency.")] = (
        None
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.percent_off is None) == (self.amounts_off is None):
            raise field_problem("percentOff", "give either percentOff or amountsOff")
        return self


class CouponConfiguration(Model):
    """When a coupon starts to apply."""

    start_date: Annotated[StartMoment | None, Field(description="Date from which the coupon applies.")] = None


class AppliedCoupon(Model):
    """The coupon of a subscription: one of Stigg's, one of the billing provider's, or a discount of its own."""

    coupon_id: Annotated[StiggId | None, Field(description="Stigg coupon id.")] = None
    billing_coupon_id: Annotated[Text | None, Field(description="Coupon id at the billing provider.")] = None
    discount: Annotated[Discount | None, Field(description="A discount made for this subscription alone.")] = None
    promotion_code: Annotated[Text | None, Field(description="Promotion code of the billing provider.")] = None
    configuration: Annotated[CouponConfiguration | None, Field(description="When the coupon starts to apply.")] = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = (self.coupon_id, self.billing_coupon_id, self.discount, self.promotion_code)
        if sum(source is not None for source in sources) != 1:
            raise field_problem("couponId", "give exactly one of couponId, billingCouponId, discount, promotionCode")
        return self


class CheckoutOptions(Model):
    """The payment page that is offered when payment is needed first."""

    success_url: Annotated[WebAddress, Field(description="Page shown after payment.")]
    cancel_url: Annotated[WebAddress, Field(description="Page shown when the customer turns back.")]
    allow_promo_codes: Annotated[Flag | None, Field(description="True: promotion codes can be entered.")] = None
    allow_tax_id_collection: Annotated[Flag | None, Field(description="True: a tax id can be entered.")] = None
    collect_billing_address: Annotated[Flag | None, Field(description="True: the billing address is asked for.")] = None
    collect_phone_number: Annotated[Flag | None, Field(description="True: a phone number is asked for.")] = None
    reference_id: Annotated[Text | None, Field(description="Your reference for the checkout.")] = None
