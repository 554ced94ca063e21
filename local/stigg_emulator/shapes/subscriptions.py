"""What the subscription operations of Stigg's REST API accept."""

from local.stigg_emulator.shapes.common import (
    CURRENCY,
    CUSTOMER_ID,
    FLAG,
    METADATA,
    MOMENT,
    NUMBER,
    PAYMENT_COLLECTION_METHOD,
    SUBSCRIPTION_ID,
    TEXT,
    record,
)
from local.stigg_emulator.shapes.fields import Choice, Field, ListOf, Nullable, Number, Record
from local.stigg_emulator.shapes.packages import (
    ADDONS,
    CHARGES,
    ENTITLEMENTS,
    PRICE_OVERRIDES,
    UPDATED_PRICE_OVERRIDES,
    applied_coupon,
    billing_information,
)

NULLABLE_TEXT = Nullable(TEXT)
BUDGET = Nullable(Record({"hasSoftLimit": FLAG, "limit": NUMBER}))
MINIMUM_SPEND = Nullable(record(amount=NUMBER, currency=CURRENCY))
BILLING_PERIOD = Choice(("MONTHLY", "ANNUALLY"))
ANCHOR = Choice(("UNCHANGED", "NOW"))
SCHEDULE_STRATEGY = Choice(("END_OF_BILLING_PERIOD", "END_OF_BILLING_MONTH", "IMMEDIATE"))
UNIT_QUANTITY = Number(least=0, whole=True)
TRIAL = Record(
    {"isTrial": FLAG},
    {"trialEndBehavior": Choice(("CONVERT_TO_PAID", "CANCEL_SUBSCRIPTION")), "trialEndDate": MOMENT},
)

CHECKOUT = Record(
    {"cancelUrl": TEXT, "successUrl": TEXT},
    {
        "allowPromoCodes": FLAG,
        "allowTaxIdCollection": FLAG,
        "collectBillingAddress": FLAG,
        "collectPhoneNumber": FLAG,
        "referenceId": NULLABLE_TEXT,
    },
)

CHOSEN: dict[str, Field] = {"customerId": CUSTOMER_ID, "planId": TEXT}

PROVISION = Record(
    CHOSEN,
    {
        "id": SUBSCRIPTION_ID,
        "addons": ADDONS,
        "appliedCoupon": applied_coupon(),
        "awaitPaymentConfirmation": FLAG,
        "billingCountryCode": NULLABLE_TEXT,
        "billingCycleAnchor": ANCHOR,
        "billingId": NULLABLE_TEXT,
        "billingInformation": billing_information(NULLABLE_TEXT),
        "billingPeriod": BILLING_PERIOD,
        "budget": BUDGET,
        "cancellationDate": MOMENT,
        "charges": CHARGES,
        "checkoutOptions": CHECKOUT,
        "entitlements": ENTITLEMENTS,
        "metadata": METADATA,
        "minimumSpend": MINIMUM_SPEND,
        "payingCustomerId": NULLABLE_TEXT,
        "paymentCollectionMethod": PAYMENT_COLLECTION_METHOD,
        "priceOverrides": PRICE_OVERRIDES,
        "resourceId": NULLABLE_TEXT,
        "salesforceId": NULLABLE_TEXT,
        "scheduleStrategy": SCHEDULE_STRATEGY,
        "startDate": MOMENT,
        "trialOverrideConfiguration": TRIAL,
        "unitQuantity": UNIT_QUANTITY,
    },
)

PREVIEW = Record(
    CHOSEN,
    {
        "addons": ADDONS,
        "appliedCoupon": applied_coupon(),
        "billableFeatures": ListOf(Record({"featureId": TEXT, "quantity": NUMBER})),
        "billingCountryCode": TEXT,
        "billingCycleAnchor": ANCHOR,
        "billingInformation": billing_information(),
        "billingPeriod": BILLING_PERIOD,
        "charges": CHARGES,
        "payingCustomerId": TEXT,
        "resourceId": TEXT,
        "scheduleStrategy": SCHEDULE_STRATEGY,
        "startDate": MOMENT,
        "trialOverrideConfiguration": TRIAL,
        "unitQuantity": UNIT_QUANTITY,
    },
)

UPDATE = record(
    addons=ADDONS,
    appliedCoupon=applied_coupon(NULLABLE_TEXT),
    awaitPaymentConfirmation=FLAG,
    billingCycleAnchor=ANCHOR,
    billingInformation=billing_information(couponId=TEXT),
    billingPeriod=BILLING_PERIOD,
    budget=BUDGET,
    cancellationDate=Nullable(MOMENT),
    charges=CHARGES,
    entitlements=ENTITLEMENTS,
    metadata=METADATA,
    minimumSpend=MINIMUM_SPEND,
    priceOverrides=UPDATED_PRICE_OVERRIDES,
    promotionCode=TEXT,
    salesforceId=NULLABLE_TEXT,
    scheduleStrategy=SCHEDULE_STRATEGY,
    trialEndDate=MOMENT,
)

CANCEL = record(
    cancellationAction=Choice(("DEFAULT", "REVOKE_ENTITLEMENTS")),
    cancellationTime=Choice(("END_OF_BILLING_PERIOD", "IMMEDIATE", "SPECIFIC_DATE")),
    endDate=MOMENT,
    prorate=FLAG,
)

MIGRATE = record(subscriptionMigrationTime=Choice(("END_OF_BILLING_PERIOD", "IMMEDIATE")))

TRANSFER = Record({"destinationResourceId": TEXT})

DELEGATE = Record({"targetCustomerId": TEXT})
