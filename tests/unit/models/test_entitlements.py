"""Features and credits that come with a subscription."""

from typing import Any

import pytest

from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.models.parsing import parse
from tests.unit.models.conftest import Problems

FEATURE = {"type": "FEATURE", "id": "feature-seats"}
CREDIT = {"type": "CREDIT", "id": "cred-type-tokens", "amount": 5, "cadence": "MONTH"}


def body(entitlement: dict[str, Any]) -> dict[str, Any]:
    """Ask for one entitlement."""
    return {"customerId": "acme", "planId": "plan-growth", "entitlements": [entitlement]}


@pytest.mark.parametrize(
    "entitlement",
    [
        FEATURE,
        {**FEATURE, "usageLimit": 20, "hasSoftLimit": True, "hasUnlimitedUsage": False},
        {**FEATURE, "hasUnlimitedUsage": True, "resetPeriod": "DAY"},
        {**FEATURE, "resetPeriod": "MONTH", "monthlyResetPeriodConfiguration": {"accordingTo": "StartOfTheMonth"}},
        {**FEATURE, "resetPeriod": "WEEK", "weeklyResetPeriodConfiguration": {"accordingTo": "EverySunday"}},
        {**FEATURE, "resetPeriod": "YEAR", "yearlyResetPeriodConfiguration": {"accordingTo": "SubscriptionStart"}},
        CREDIT,
        {**CREDIT, "hasSoftLimit": True},
    ],
)
def test_sent(entitlement: dict[str, Any]) -> None:
    """An entitlement goes to Stigg as it was given."""
    assert [entitlement] == parse(CreateSubscription, body(entitlement)).terms()["entitlements"]


@pytest.mark.parametrize(
    ("entitlement", "field", "expected"),
    [
        ({"id": "x"}, "type", "is required"),
        ({**FEATURE, "type": "SEAT"}, "type", "must be 'FEATURE' or 'CREDIT'"),
        ({**FEATURE, "id": ""}, "id", "is required"),
        ({**CREDIT, "amount": None}, "amount", "is required for a CREDIT entitlement"),
        ({**CREDIT, "cadence": ""}, "cadence", "is required for a CREDIT entitlement"),
        ({**CREDIT, "cadence": "MONTHLY"}, "cadence", "must be 'MONTH' or 'YEAR'"),
        ({**CREDIT, "usageLimit": 1}, "usageLimit", "is only for a FEATURE entitlement"),
        ({**CREDIT, "resetPeriod": "MONTH"}, "resetPeriod", "is only for a FEATURE entitlement"),
        ({**CREDIT, "hasUnlimitedUsage": False}, "hasUnlimitedUsage", "is only for a FEATURE entitlement"),
        ({**FEATURE, "amount": 1}, "amount", "is only for a CREDIT entitlement"),
        ({**FEATURE, "cadence": "YEAR"}, "cadence", "is only for a CREDIT entitlement"),
        ({**FEATURE, "usageLimit": 1.5}, "usageLimit", "must be a whole number; fractions are refused, not rounded"),
        (
            {**FEATURE, "usageLimit": 1, "hasUnlimitedUsage": True},
            "usageLimit",
            "contradicts hasUnlimitedUsage true; give only one of them",
        ),
        (
            {**FEATURE, "monthlyResetPeriodConfiguration": {"accordingTo": "StartOfTheMonth"}},
            "monthlyResetPeriodConfiguration",
            "needs resetPeriod MONTH",
        ),
        (
            {**FEATURE, "resetPeriod": "DAY", "weeklyResetPeriodConfiguration": {"accordingTo": "EverySunday"}},
            "weeklyResetPeriodConfiguration",
            "needs resetPeriod WEEK",
        ),
        (
            {**FEATURE, "resetPeriod": "WEEK", "yearlyResetPeriodConfiguration": {"accordingTo": "SubscriptionStart"}},
            "yearlyResetPeriodConfiguration",
            "needs resetPeriod YEAR",
        ),
        (
            {**FEATURE, "resetPeriod": "MONTH", "monthlyResetPeriodConfiguration": {}},
            "monthlyResetPeriodConfiguration.accordingTo",
            "is required",
        ),
    ],
)
def test_rules(problems: Problems, entitlement: dict[str, Any], field: str, expected: str) -> None:
    """What does not fit the type, or contradicts itself, is named."""
    assert {f"entitlements[0].{field}": expected} == problems(CreateSubscription, body(entitlement))
