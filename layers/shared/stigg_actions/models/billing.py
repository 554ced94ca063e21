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

    amount: Amount
    """Amount in whole currency units: 49 is 49.00."""
    currency: CurrencyCode
    """Three-letter currency code, such as USD."""


class Address(Model):
    """A postal address."""

    line1: Text | None = None
    """First address line."""
    line2: Text | None = None
    """Second address line."""
    city: Text | None = None
    """City of the address."""
    state: Text | None = None
    """State or province."""
    postal_code: Text | None = None
    """Postal code."""
    country: Text | None = None
    """Country, as code or name, such as US."""


class TaxId(Model):
    """A tax registration of the customer."""

    type: Text
    """Kind of tax id, such as eu_vat."""
    value: Text
    """The number of the tax id itself."""


class BillingInformation(Model):
    """How the billing provider invoices a subscription."""

    billing_address: Address | None = None
    """Address on the invoice."""
    charge_on_behalf_of_account: Text | None = None
    """Connected billing account to charge on behalf of."""
    integration_id: StiggId | None = None
    """Stigg id of the billing integration to use."""
    invoice_days_until_due: Whole | None = None
    """Days until the invoice is due."""
    is_backdated: Flag | None = None
    """True: the subscription is back-dated."""
    is_invoice_paid: Flag | None = None
    """True: the invoice was paid outside of Stigg."""
    metadata: StringMap | None = None
    """Metadata for the billing provider, key by key."""
    proration_behavior: Annotated[Literal["INVOICE_IMMEDIATELY", "CREATE_PRORATIONS", "NONE"] | None, Picklist] = None
    """What happens with prorated amounts: INVOICE_IMMEDIATELY, CREATE_PRORATIONS or NONE."""
    tax_ids: Annotated[list[TaxId] | None, JsonText] = None
    """Tax ids of the customer."""
    tax_percentage: Annotated[Amount | None, Field(le=100)] = None
    """Tax in percent, 0 to 100."""
    tax_rate_ids: Annotated[list[Text] | None, JsonText] = None
    """Ids of tax rates at the billing provider."""


class Discount(Model):
    """A discount made for this subscription alone."""

    name: Text | None = None
    """Name of the discount."""
    description: LongText | None = None
    """Description of the discount."""
    duration_in_months: Whole | None = None
    """Months the discount lasts."""
    percent_off: Annotated[Amount | None, Field(le=100)] = None
    """Percentage off, 0 to 100."""
    amounts_off: Annotated[list[Money] | None, JsonText] = None
    """Amounts off, one for each currency."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.percent_off is None) == (self.amounts_off is None):
            raise field_problem("percentOff", "give either percentOff or amountsOff")
        return self


class CouponConfiguration(Model):
    """When a coupon starts to apply."""

    start_date: StartMoment | None = None
    """Date from which the coupon applies."""


class AppliedCoupon(Model):
    """The coupon of a subscription: one of Stigg's, one of the billing provider's, or a discount of its own."""

    coupon_id: StiggId | None = None
    """Stigg coupon id."""
    billing_coupon_id: Text | None = None
    """Coupon id at the billing provider."""
    discount: Discount | None = None
    """A discount made for this subscription alone."""
    promotion_code: Text | None = None
    """Promotion code of the billing provider."""
    configuration: CouponConfiguration | None = None
    """When the coupon starts to apply."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = (self.coupon_id, self.billing_coupon_id, self.discount, self.promotion_code)
        if sum(source is not None for source in sources) != 1:
            raise field_problem("couponId", "give exactly one of couponId, billingCouponId, discount, promotionCode")
        return self


class CheckoutOptions(Model):
    """The payment page that is offered when payment is needed first."""

    success_url: WebAddress
    """Page shown after payment."""
    cancel_url: WebAddress
    """Page shown when the customer cancels the payment."""
    allow_promo_codes: Flag | None = None
    """True: promotion codes can be entered."""
    allow_tax_id_collection: Flag | None = None
    """True: a tax id can be entered."""
    collect_billing_address: Flag | None = None
    """True: the billing address is asked for."""
    collect_phone_number: Flag | None = None
    """True: a phone number is asked for."""
    reference_id: Text | None = None
    """Your reference for the checkout."""
