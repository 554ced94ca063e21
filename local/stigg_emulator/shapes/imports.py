"""What the two import operations of Stigg's REST API accept and answer."""

from local.stigg_emulator.shapes.common import (
    CUSTOMER_ID,
    METADATA,
    MOMENT,
    NAME,
    SUBSCRIPTION_ID,
    TEXT,
)
from local.stigg_emulator.shapes.fields import EMAIL, ListOf, Nullable, Record, Text
from local.stigg_emulator.shapes.packages import ADDONS, CHARGES
from local.stigg_emulator.shapes.subscriptions import BILLING_PERIOD

NULLABLE_TEXT = Nullable(TEXT)

CUSTOMER = Record(
    {"id": CUSTOMER_ID, "email": Nullable(Text(longest=255, pattern=EMAIL)), "name": Nullable(NAME)},
    {"billingId": TEXT, "metadata": METADATA, "paymentMethodId": TEXT, "salesforceId": TEXT, "updatedAt": MOMENT},
)

CUSTOMERS = Record({"customers": ListOf(CUSTOMER)}, {"integrationId": TEXT})

SUBSCRIPTION = Record(
    {"id": SUBSCRIPTION_ID, "customerId": CUSTOMER_ID, "planId": TEXT},
    {
        "addons": ADDONS,
        "billingId": NULLABLE_TEXT,
        "billingPeriod": BILLING_PERIOD,
        "charges": CHARGES,
        "endDate": Nullable(MOMENT),
        "metadata": METADATA,
        "resourceId": NULLABLE_TEXT,
        "startDate": MOMENT,
    },
)

SUBSCRIPTIONS = Record({"subscriptions": ListOf(SUBSCRIPTION)}, {"integrationId": NULLABLE_TEXT})

NEW_CUSTOMERS = Record({"newCustomers": ListOf(TEXT)})

TASK = Record({"taskId": TEXT})
