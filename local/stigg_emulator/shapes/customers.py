"""What the customer operations of Stigg's REST API accept."""

from local.stigg_emulator.shapes.common import (
    ADDRESS,
    CURRENCY,
    CUSTOMER_ID,
    METADATA,
    NAME,
    NUMBER,
    TAX_IDS,
    TEXT,
    VENDORS,
    record,
)
from local.stigg_emulator.shapes.fields import EMAIL, Choice, ListOf, Nullable, Record, Text

NULLABLE_TEXT = Nullable(TEXT)

INTEGRATION = Record({"id": TEXT, "syncedEntityId": NULLABLE_TEXT, "vendorIdentifier": VENDORS})

PASSTHROUGH = record(
    stripe=record(
        billingAddress=ADDRESS,
        customerName=TEXT,
        invoiceCustomFields=METADATA,
        metadata=METADATA,
        paymentMethodId=TEXT,
        shippingAddress=ADDRESS,
        taxIds=TAX_IDS,
    ),
    zuora=record(billingAddress=ADDRESS, currency=CURRENCY, metadata=METADATA, paymentMethodId=TEXT),
)

DEFAULT_PAYMENT_METHOD = Record(
    {
        "billingId": NULLABLE_TEXT,
        "cardExpiryMonth": Nullable(NUMBER),
        "cardExpiryYear": Nullable(NUMBER),
        "cardLast4Digits": NULLABLE_TEXT,
        "type": Nullable(Choice(("CARD", "BANK", "CASH_APP", "PAYPAL"))),
    },
)

UPDATE = record(
    billingCurrency=Nullable(CURRENCY),
    billingId=NULLABLE_TEXT,
    couponId=NULLABLE_TEXT,
    email=Nullable(Text(longest=255, pattern=EMAIL)),
    integrations=ListOf(INTEGRATION),
    language=NULLABLE_TEXT,
    metadata=METADATA,
    name=Nullable(NAME),
    passthrough=PASSTHROUGH,
    timezone=NULLABLE_TEXT,
)

PROVISION = Record(
    {"id": CUSTOMER_ID},
    {**UPDATE.optional, "defaultPaymentMethod": Nullable(DEFAULT_PAYMENT_METHOD)},
)

ATTACH_PAYMENT_METHOD = Record(
    {"integrationId": TEXT, "paymentMethodId": TEXT, "vendorIdentifier": VENDORS},
    {"billingCurrency": Nullable(CURRENCY)},
)
