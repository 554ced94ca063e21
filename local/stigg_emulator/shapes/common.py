"""Pieces that several request shapes share."""

from local.stigg_emulator.shapes.currencies import CURRENCIES
from local.stigg_emulator.shapes.fields import (
    IDENTIFIER,
    Choice,
    Field,
    Flag,
    ListOf,
    Moment,
    Number,
    Record,
    Text,
    TextMap,
)

TEXT = Text()
FLAG = Flag()
MOMENT = Moment()
NUMBER = Number()
METADATA = TextMap()
NAME = Text(longest=255)
CUSTOMER_ID = Text(longest=255, pattern=IDENTIFIER)
# Stigg publishes no pattern for a subscription's id; a customer id's is the narrowest safe assumption.
SUBSCRIPTION_ID = CUSTOMER_ID
CURRENCY = Choice(CURRENCIES)
MONEY = Record({"amount": NUMBER, "currency": CURRENCY})
ADDRESS = Record(
    optional={"line1": TEXT, "line2": TEXT, "city": TEXT, "state": TEXT, "postalCode": TEXT, "country": TEXT},
)
TAX_IDS = ListOf(Record({"type": TEXT, "value": TEXT}))
PAYMENT_COLLECTION_METHOD = Choice(("CHARGE", "INVOICE", "NONE"))
VENDORS = Choice(
    (
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
    ),
)


def record(**optional: Field) -> Record:
    """Build a record all of whose fields are optional."""
    return Record(optional=optional)
