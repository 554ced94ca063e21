"""What the emulator's own admin routes accept."""

from local.stigg_emulator.faults import KINDS
from local.stigg_emulator.shapes.common import MOMENT, TEXT, record
from local.stigg_emulator.shapes.fields import Anything, Choice, ListOf, Nullable, Number, Record, Text
from local.stigg_emulator.variety import KINDS as VARIETIES

CLOCK = record(advanceSeconds=Number(), now=MOMENT)
INVOICE = Record({"status": Choice(("NEW", "OPEN", "PAID"))}, {"subscriptionId": TEXT, "grantId": TEXT})
CONSUMPTION = Record({"grantId": TEXT, "amount": Number(least=0)})
IMPORTS = Record({"seconds": Number(least=0)})
CHECKOUT = Record({"subscriptionId": TEXT})
WEBHOOKS = Record(
    {"url": Nullable(Text(pattern=r"https?://.+"))},
    {
        "secret": Text(pattern=r"[\x20-\x7e]+"),
        "envelope": Choice(("flat", "nested")),
        "copies": Number(least=1, whole=True),
        "order": Choice(("asHappened", "newestFirst")),
    },
)
TEST_EVENT = record(type=TEXT)
APP = Record({"method": Choice(("POST", "PATCH", "DELETE")), "path": Text(pattern=r"/api/v1/.+")}, {"body": Anything()})
VARIETY = Record(
    {"kinds": ListOf(Choice(VARIETIES))}, {"share": Number(least=0, most=1), "seed": Number(least=0, whole=True)}
)
KEY = Record({"key": TEXT, "status": Choice(("active", "expired", "readOnly", "revoked"))})
PLAN_VERSION = Record({"planId": TEXT}, {"prices": record(MONTHLY=Anything(), ANNUALLY=Anything())})
FAULT = Record(
    {"path": TEXT, "fault": Choice(KINDS)},
    {"method": TEXT, "value": Anything(), "times": Number(least=1, whole=True)},
)
