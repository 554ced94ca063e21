"""Pieces that several shapes of answers share; what is optional may be null or absent."""

from local.stigg_emulator.shapes.common import CURRENCY, FLAG, NUMBER, TEXT, record
from local.stigg_emulator.shapes.fields import Choice, Record

PAYMENT_COLLECTION = Choice(("NOT_REQUIRED", "PROCESSING", "FAILED", "ACTION_REQUIRED"))
INVOICE_STATUS = Choice(("OPEN", "CANCELED", "PAID"))
PRICING_TYPE = Choice(("FREE", "PAID", "CUSTOM"))
TRIAL_END = Choice(("CONVERT_TO_PAID", "CANCEL_SUBSCRIPTION"))
ENTITLEMENT_TYPE = Choice(("FEATURE", "CREDIT"))
BUDGET = Record({"hasSoftLimit": FLAG, "limit": NUMBER})
PRICE = record(amount=NUMBER, currency=CURRENCY)
FULL_PRICE = Record({"amount": NUMBER, "currency": CURRENCY})
REFERENCE = Record({"id": TEXT, "type": ENTITLEMENT_TYPE})
