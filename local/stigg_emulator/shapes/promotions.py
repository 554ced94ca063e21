"""What the operations on promotional entitlements accept and answer."""

from local.stigg_emulator.shapes.common import FLAG, MOMENT, NUMBER, TEXT
from local.stigg_emulator.shapes.fields import Choice, ListOf, Nullable, Number, Record

PERIODS = ("1 week", "1 month", "6 month", "1 year", "lifetime", "custom")
_PERIOD = Choice(PERIODS)
_RESET_PERIOD = Choice(("YEAR", "MONTH", "WEEK", "DAY", "HOUR"))
_OF_MONTHS = ("SubscriptionStart", "StartOfTheMonth")
_OF_WEEKS = (
    "SubscriptionStart",
    "EverySunday",
    "EveryMonday",
    "EveryTuesday",
    "EveryWednesday",
    "EveryThursday",
    "EveryFriday",
    "EverySaturday",
)


def _from(words: tuple[str, ...]) -> Record:
    return Record({"accordingTo": Choice(words)})


GRANT = Record(
    {
        "promotionalEntitlements": ListOf(
            Record(
                {
                    "customEndDate": Nullable(MOMENT),
                    "enumValues": Nullable(ListOf(TEXT)),
                    "featureId": TEXT,
                    "hasSoftLimit": Nullable(FLAG),
                    "hasUnlimitedUsage": Nullable(FLAG),
                    "isVisible": Nullable(FLAG),
                    "monthlyResetPeriodConfiguration": Nullable(_from(_OF_MONTHS)),
                    "period": _PERIOD,
                    "resetPeriod": Nullable(_RESET_PERIOD),
                    "usageLimit": Nullable(Number(whole=True)),
                    "weeklyResetPeriodConfiguration": Nullable(_from(_OF_WEEKS)),
                    "yearlyResetPeriodConfiguration": Nullable(_from(("SubscriptionStart",))),
                }
            )
        )
    }
)

PROMOTION = Record(
    {
        "id": TEXT,
        "createdAt": MOMENT,
        "environmentId": TEXT,
        "featureId": TEXT,
        "isVisible": FLAG,
        "period": _PERIOD,
        "startDate": MOMENT,
        "status": Choice(("Active", "Expired", "Paused")),
        "updatedAt": MOMENT,
    },
    {
        "description": TEXT,
        "endDate": MOMENT,
        "enumValues": ListOf(TEXT),
        "featureGroupIds": ListOf(TEXT),
        "hasSoftLimit": FLAG,
        "hasUnlimitedUsage": FLAG,
        "resetPeriod": _RESET_PERIOD,
        "resetPeriodConfiguration": _from(tuple(dict.fromkeys((*_OF_MONTHS, *_OF_WEEKS)))),
        "usageLimit": NUMBER,
    },
)
