"""What Stigg's GraphQL API accepts for the one mutation that is modelled: `triggerWorkflow`."""

from local.stigg_emulator.shapes.common import FLAG, TEXT
from local.stigg_emulator.shapes.fields import Anything, Nullable, Record

TRIGGER_INPUT = Record({"triggerId": TEXT}, {"payload": Anything(), "isTest": Nullable(FLAG)})

TRIGGER = Record(
    {"query": TEXT, "variables": Record({"input": TRIGGER_INPUT})},
    {"operationName": Nullable(TEXT)},
)
