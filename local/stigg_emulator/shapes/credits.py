"""What the credit grant operations of Stigg's REST API accept."""

from local.stigg_emulator.shapes.common import (
    ADDRESS,
    FLAG,
    METADATA,
    MOMENT,
    MONEY,
    NAME,
    NUMBER,
    PAYMENT_COLLECTION_METHOD,
    TEXT,
    record,
)
from local.stigg_emulator.shapes.fields import Choice, Number, Record, Text

CURRENCY_ID = Text(longest=255, pattern=r"[a-zA-Z0-9][a-zA-Z0-9_|.-]*")

GRANT = Record(
    {
        "amount": NUMBER,
        "currencyId": CURRENCY_ID,
        "customerId": TEXT,
        "displayName": NAME,
        "grantType": Choice(("PAID", "PROMOTIONAL")),
    },
    {
        "awaitPaymentConfirmation": FLAG,
        "billingInformation": record(billingAddress=ADDRESS, invoiceDaysUntilDue=NUMBER, isInvoicePaid=FLAG),
        "comment": TEXT,
        "cost": MONEY,
        "effectiveAt": MOMENT,
        "expireAt": MOMENT,
        "metadata": METADATA,
        "paymentCollectionMethod": PAYMENT_COLLECTION_METHOD,
        "priority": Number(least=0, most=100, whole=True),
        "resourceId": TEXT,
    },
)
