"""What a subscription is made of: add-ons, charges, entitlements, prices, coupons, billing details."""

from local.stigg_emulator.shapes.common import (
    ADDRESS,
    CURRENCY,
    FLAG,
    METADATA,
    MOMENT,
    MONEY,
    NUMBER,
    TAX_IDS,
    TEXT,
    record,
)
from local.stigg_emulator.shapes.fields import Choice, Field, ListOf, Nullable, Number, Record, Tagged

COUNT = Number(whole=True)

ADDONS = ListOf(Record({"id": TEXT, "quantity": COUNT}))

CHARGES = ListOf(Record({"id": TEXT, "quantity": Number(least=0), "type": Choice(("FEATURE", "CREDIT"))}))

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def _according_to(*words: str) -> Nullable:
    return Nullable(Record({"accordingTo": Choice(words)}))


FEATURE_ENTITLEMENT = Record(
    {"id": TEXT, "type": Choice(("FEATURE",))},
    {
        "hasSoftLimit": FLAG,
        "hasUnlimitedUsage": FLAG,
        "monthlyResetPeriodConfiguration": _according_to("SubscriptionStart", "StartOfTheMonth"),
        "resetPeriod": Choice(("YEAR", "MONTH", "WEEK", "DAY", "HOUR")),
        "usageLimit": COUNT,
        "weeklyResetPeriodConfiguration": _according_to("SubscriptionStart", *(f"Every{day}" for day in WEEKDAYS)),
        "yearlyResetPeriodConfiguration": _according_to("SubscriptionStart"),
    },
)

CREDIT_ENTITLEMENT = Record(
    {"id": TEXT, "type": Choice(("CREDIT",)), "amount": NUMBER, "cadence": Choice(("MONTH", "YEAR"))},
    {"hasSoftLimit": FLAG},
)

ENTITLEMENTS = ListOf(Tagged("type", {"FEATURE": FEATURE_ENTITLEMENT, "CREDIT": CREDIT_ENTITLEMENT}))

PRICE_OVERRIDES = ListOf(
    record(
        addonId=Nullable(TEXT),
        amount=NUMBER,
        baseCharge=FLAG,
        billingCountryCode=TEXT,
        blockSize=NUMBER,
        creditGrantCadence=Choice(("BEGINNING_OF_BILLING_PERIOD", "MONTHLY")),
        creditRate=Record({"amount": NUMBER, "currencyId": TEXT}, {"costFormula": Nullable(TEXT)}),
        currency=CURRENCY,
        featureId=Nullable(TEXT),
        tiers=ListOf(record(flatPrice=MONEY, unitPrice=MONEY, upTo=NUMBER)),
    ),
)

# An update knows fewer ways to override a price than a provision does.
UPDATED_PRICE_OVERRIDES = ListOf(
    record(addonId=TEXT, amount=NUMBER, baseCharge=FLAG, currency=CURRENCY, currencyId=TEXT, featureId=TEXT),
)

DISCOUNT = record(
    amountsOff=Nullable(ListOf(MONEY)),
    description=TEXT,
    durationInMonths=NUMBER,
    name=TEXT,
    percentOff=NUMBER,
)


def applied_coupon(promotion_code: Field = TEXT) -> Record:
    """Build the coupon's shape; only an update may send a null promotion code."""
    return record(
        billingCouponId=TEXT,
        configuration=record(startDate=MOMENT),
        couponId=TEXT,
        discount=DISCOUNT,
        promotionCode=promotion_code,
    )


def billing_information(account: Field = TEXT, **more: Field) -> Record:
    """Build the billing details' shape; `account` is the type of the two ids that only a provision may null."""
    return record(
        billingAddress=ADDRESS,
        chargeOnBehalfOfAccount=account,
        integrationId=account,
        invoiceDaysUntilDue=NUMBER,
        isBackdated=FLAG,
        isInvoicePaid=FLAG,
        metadata=METADATA,
        prorationBehavior=Choice(("INVOICE_IMMEDIATELY", "CREATE_PRORATIONS", "NONE")),
        taxIds=TAX_IDS,
        taxPercentage=Number(least=0, most=100),
        taxRateIds=ListOf(TEXT),
        **more,
    )
