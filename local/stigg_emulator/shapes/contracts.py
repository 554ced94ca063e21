"""What the contract operations of Stigg's REST API accept."""

from local.stigg_emulator.shapes.common import CUSTOMER_ID, FLAG, MOMENT, SUBSCRIPTION_ID, TEXT, record
from local.stigg_emulator.shapes.fields import ListOf, Nullable, Record
from local.stigg_emulator.shapes.subscriptions import PROVISION

CREATE = Record(
    {"customerId": CUSTOMER_ID},
    {
        "contractId": SUBSCRIPTION_ID,
        "name": Nullable(TEXT),
        "poNumber": Nullable(TEXT),
        "activationStartDate": MOMENT,
        "activationEndDate": MOMENT,
        "setupBilling": FLAG,
        "subscriptions": ListOf(record(existingSubscriptionId=TEXT, newSubscription=PROVISION)),
    },
)

UPDATE = record(
    name=Nullable(TEXT),
    poNumber=Nullable(TEXT),
    activationStartDate=MOMENT,
    activationEndDate=MOMENT,
    setupBilling=FLAG,
    subscriptionIds=ListOf(TEXT),
)
