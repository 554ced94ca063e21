"""What the lists of plans, add-ons, features and credit currencies answer, by the SDK's types."""

from local.stigg_emulator.shapes.answers_in_parts import BUDGET, PRICING_TYPE, REFERENCE, TRIAL_END
from local.stigg_emulator.shapes.common import FLAG, METADATA, MOMENT, NUMBER, TEXT
from local.stigg_emulator.shapes.fields import Choice, ListOf, Record
from local.stigg_emulator.shapes.packages import COUNT

_PACKAGE = Record(
    {
        "id": TEXT,
        "createdAt": MOMENT,
        "displayName": TEXT,
        "entitlements": ListOf(REFERENCE),
        "metadata": METADATA,
        "productId": TEXT,
        "status": Choice(("DRAFT", "PUBLISHED", "ARCHIVED")),
        "updatedAt": MOMENT,
        "versionNumber": COUNT,
    },
    {"billingId": TEXT, "description": TEXT, "isLatest": FLAG, "pricingType": PRICING_TYPE},
)
"""What a plan and an add-on have in common."""

ADDON = Record(_PACKAGE.required, {**_PACKAGE.optional, "dependencies": ListOf(TEXT), "maxQuantity": COUNT})

_TRIAL = Record(
    {"duration": NUMBER, "units": Choice(("DAY", "MONTH"))}, {"budget": BUDGET, "trialEndBehavior": TRIAL_END}
)
PLAN = Record(
    _PACKAGE.required,
    {**_PACKAGE.optional, "compatibleAddonIds": ListOf(TEXT), "defaultTrialConfig": _TRIAL, "parentPlanId": TEXT},
)

CONDITION = Record(
    {
        "field": TEXT,
        "operation": Choice(
            (
                "EQUALS",
                "NOT_EQUALS",
                "GREATER_THAN",
                "GREATER_THAN_OR_EQUAL",
                "LESS_THAN",
                "LESS_THAN_OR_EQUAL",
                "IS_NULL",
                "IS_NOT_NULL",
                "CONTAINS",
                "STARTS_WITH",
                "ENDS_WITH",
                "IN",
            ),
        ),
    },
    {"value": TEXT, "values": ListOf(TEXT)},
)

METER = Record(
    {
        "aggregation": Record(
            {"function": Choice(("SUM", "MAX", "MIN", "AVG", "COUNT", "UNIQUE"))},
            {"field": TEXT},
        ),
        "filters": ListOf(Record({"conditions": ListOf(CONDITION)})),
    },
)

FEATURE = Record(
    {
        "id": TEXT,
        "createdAt": MOMENT,
        "displayName": TEXT,
        "featureStatus": Choice(("NEW", "SUSPENDED", "ACTIVE")),
        "featureType": Choice(("BOOLEAN", "NUMBER", "ENUM")),
        "metadata": METADATA,
        "meterType": Choice(("None", "FLUCTUATING", "INCREMENTAL")),
        "updatedAt": MOMENT,
    },
    {
        "description": TEXT,
        "enumConfiguration": ListOf(Record({"displayName": TEXT, "value": TEXT})),
        "featureUnits": TEXT,
        "featureUnitsPlural": TEXT,
        "meter": METER,
        "unitTransformation": Record(
            {"divide": NUMBER, "round": Choice(("UP", "DOWN"))},
            {"featureUnits": TEXT, "featureUnitsPlural": TEXT},
        ),
    },
)

CURRENCY = Record(
    {"id": TEXT, "createdAt": MOMENT, "displayName": TEXT, "metadata": METADATA, "updatedAt": MOMENT},
    {
        "archivedAt": MOMENT,
        "description": TEXT,
        "symbol": TEXT,
        "units": Record({}, {"plural": TEXT, "singular": TEXT}),
    },
)
