"""What the emulator's own admin routes accept."""

from local.stigg_emulator.faults import KINDS
from local.stigg_emulator.shapes.common import MOMENT, TEXT, record
from local.stigg_emulator.shapes.fields import Anything, Choice, Nullable, Number, Record, Text

CLOCK = record(advanceSeconds=Number(), now=MOMENT)
INVOICE = Record({"status": Choice(("OPEN", "PAID"))}, {"subscriptionId": TEXT, "grantId": TEXT})
CHECKOUT = Record({"subscriptionId": TEXT})
WEBHOOKS = Record({"url": Nullable(Text(pattern=r"https?://.+"))}, {"secret": TEXT})
KEY = Record({"key": TEXT, "status": Choice(("active", "expired", "readOnly", "revoked"))})
FAULT = Record(
    {"path": TEXT, "fault": Choice(KINDS)},
    {"method": TEXT, "value": Anything(), "times": Number(least=1, whole=True)},
)
