"""What the usage operations of Stigg's REST API accept and answer."""

from local.stigg_emulator.shapes.common import MOMENT, NUMBER, TEXT
from local.stigg_emulator.shapes.fields import Choice, ListOf, Nullable, Record, ScalarMap

REPORTS = Record(
    {
        "usages": ListOf(
            Record(
                {"customerId": TEXT, "featureId": TEXT, "value": NUMBER},
                {
                    "createdAt": MOMENT,
                    "dimensions": ScalarMap(),
                    "idempotencyKey": TEXT,
                    "resourceId": Nullable(TEXT),
                    "updateBehavior": Choice(("DELTA", "SET")),
                },
            )
        )
    }
)

MEASUREMENT = Record(
    {
        "id": TEXT,
        "createdAt": MOMENT,
        "customerId": TEXT,
        "featureId": TEXT,
        "timestamp": MOMENT,
        "value": NUMBER,
    },
    {
        "credit": Record(
            {
                "consumed": NUMBER,
                "currencyId": TEXT,
                "currentUsage": NUMBER,
                "timestamp": MOMENT,
                "usageLimit": NUMBER,
            },
            {"usagePeriodEnd": MOMENT},
        ),
        "currentUsage": NUMBER,
        "nextResetDate": MOMENT,
        "resourceId": TEXT,
        "usagePeriodEnd": MOMENT,
        "usagePeriodStart": MOMENT,
    },
)
