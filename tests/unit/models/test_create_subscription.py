"""Provisioning requests: the rules over several fields, and what goes to Stigg."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.models.parsing import parse
from tests.unit.models.conftest import Problems

BASE = {"customerId": "acme", "planId": "plan-growth"}
CREDIT = {"type": "CREDIT", "id": "x", "amount": 1}
COUPON_SOURCES = "give exactly one of couponId, billingCouponId, discount, promotionCode"


def terms(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return what a request with these fields sends to Stigg."""
    return parse(CreateSubscription, {**BASE, **fields}).terms()


@pytest.mark.parametrize(
    ("fields", "field", "expected"),
    [
        (
            {"startDate": "2026-02-01", "cancellationDate": "2026-01-31"},
            "cancellationDate",
            "must be later than startDate",
        ),
        (
            {"startDate": "2026-01-31T09:00:00Z", "cancellationDate": "2026-01-31T09:00:00Z"},
            "cancellationDate",
            "must be later than startDate",
        ),
        (
            {"trialOverrideConfiguration": {"isTrial": False, "trialEndDate": "2026-01-31"}},
            "trialOverrideConfiguration.trialEndDate",
            "is only for a trial; set isTrial to true or leave it out",
        ),
        (
            {"trialOverrideConfiguration": {"isTrial": False, "trialEndBehavior": "CONVERT_TO_PAID"}},
            "trialOverrideConfiguration.trialEndBehavior",
            "is only for a trial; set isTrial to true or leave it out",
        ),
        ({"trialOverrideConfiguration": {"trialEndDate": "2026-01-31"}}, "trialOverrideConfiguration.isTrial",
         "is required"),
        ({"planBaseChargeOverride": {"amount": 1}}, "planBaseChargeOverride.currency", "is required"),
        ({"planBaseChargeOverride": {"currency": "USD"}}, "planBaseChargeOverride.amount", "is required"),
        ({"planBaseChargeOverride": 49}, "planBaseChargeOverride", "must be an object"),
        (
            {
                "planBaseChargeOverride": {"amount": 1, "currency": "USD"},
                "priceOverrides": [{"baseCharge": True, "amount": 2, "currency": "USD"}],
            },
            "planBaseChargeOverride",
            "contradicts the base charge in priceOverrides; give only one of them",
        ),
        ({"priceOverrides": [{"featureId": "f", "amount": 1}]}, "priceOverrides[0].currency",
         "is required: amount and currency go together"),
        ({"priceOverrides": [{"featureId": "f", "currency": "usd"}]}, "priceOverrides[0].amount",
         "is required: amount and currency go together"),
        ({"priceOverrides": [{"amount": 1, "currency": "usd"}]}, "priceOverrides[0].baseCharge",
         "name the price to override: give baseCharge true, addonId or featureId"),
        ({"priceOverrides": [{"baseCharge": True}]}, "priceOverrides[0].amount",
         "is required, with currency, for a base charge"),
        ({"priceOverrides": [{"baseCharge": True, "addonId": "a", "tiers": [{}]}]}, "priceOverrides[0].amount",
         "is required, with currency, for a base charge"),
        ({"priceOverrides": [{"featureId": "f", "blockSize": 2}]}, "priceOverrides[0].amount",
         "give the new price: amount and currency, tiers or creditRate"),
        ({"metadata": {"correlationId": "x", "a": 1}}, "metadata",
         "has correlationId, which the actions set themselves; use another key"),
        ({"addons": [{"id": "a", "quantity": 10**15}, {"id": "a", "quantity": 1}]}, "addons",
         "gives a with quantities that add up to more than 1000000000000000"),
        ({"minimumSpend": {"amount": 1}}, "minimumSpend.currency", "is required"),
        ({"addons": [{"id": "a", "quantity": 0}]}, "addons[0].quantity", "must be greater than or equal to 1"),
        ({"budget": {"limit": 1}}, "budget.hasSoftLimit", "is required"),
        (
            {"entitlements": [{"type": "FEATURE", "id": "f"}, {"type": "FEATURE", "id": "f", "usageLimit": 2}]},
            "entitlements",
            "gives f more than once; give each id once",
        ),
        (
            {"charges": [{"type": "CREDIT", "id": "c", "quantity": 1}] * 2},
            "charges",
            "gives c more than once; give each id once",
        ),
        ({"appliedCoupon": {}}, "appliedCoupon.couponId", COUPON_SOURCES),
        ({"appliedCoupon": {"couponId": "c", "promotionCode": "P"}}, "appliedCoupon.couponId", COUPON_SOURCES),
        ({"appliedCoupon": {"discount": {"name": "n"}}}, "appliedCoupon.discount.percentOff",
         "give either percentOff or amountsOff"),
        (
            {"appliedCoupon": {"discount": {"percentOff": 10, "amountsOff": [{"amount": 1, "currency": "usd"}]}}},
            "appliedCoupon.discount.percentOff",
            "give either percentOff or amountsOff",
        ),
        ({"appliedCoupon": {"discount": {"percentOff": 101}}}, "appliedCoupon.discount.percentOff",
         "must be less than or equal to 100"),
        ({"billingInformation": {"taxPercentage": 101}}, "billingInformation.taxPercentage",
         "must be less than or equal to 100"),
        ({"checkoutOptions": {"successUrl": "https://x.example"}}, "checkoutOptions.cancelUrl", "is required"),
    ],
)  # fmt: skip
def test_rules(problems: Problems, fields: dict[str, Any], field: str, expected: str) -> None:
    """Fields that contradict each other, or need each other, are named."""
    assert {field: expected} == problems(CreateSubscription, {**BASE, **fields})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"planId": "plan-growth"}),
        ({"trialOverrideConfiguration": {"isTrial": False}}, {"trialOverrideConfiguration": {"isTrial": False}}),
        ({"priceOverrides": [{"addonId": "a", "amount": 2, "currency": "USD"}]},
         {"priceOverrides": [{"addonId": "a", "amount": 2, "currency": "usd"}]}),
        ({"planBaseChargeOverride": {"amount": 5, "currency": "EUR"}},
         {"priceOverrides": [{"baseCharge": True, "amount": 5, "currency": "eur"}]}),
        (
            {
                "planBaseChargeOverride": {"amount": 5, "currency": "EUR"},
                "priceOverrides": [{"baseCharge": True, "addonId": "a", "amount": 2, "currency": "USD"}],
            },
            {
                "priceOverrides": [
                    {"baseCharge": True, "amount": 5, "currency": "eur"},
                    {"baseCharge": True, "addonId": "a", "amount": 2, "currency": "usd"},
                ]
            },
        ),
        ({"entitlements": [{"type": "FEATURE", "id": "x"}, {**CREDIT, "cadence": "month"}]},
         {"entitlements": [{"type": "FEATURE", "id": "x"}, {**CREDIT, "cadence": "MONTH"}]}),
        ({"charges": [{"type": "feature", "id": "x", "quantity": 1}, {"type": "credit", "id": "x", "quantity": 1}]},
         {"charges": [{"type": "FEATURE", "id": "x", "quantity": 1}, {"type": "CREDIT", "id": "x", "quantity": 1}]}),
        ({"addons": []}, {"addons": []}),
        ({"priceOverrides": [{"featureId": "f", "tiers": [{"upTo": 5}]}]},
         {"priceOverrides": [{"featureId": "f", "tiers": [{"upTo": 5}]}]}),
        ({"billingInformation": {"billingAddress": {"country": "United States"}}},
         {"billingInformation": {"billingAddress": {"country": "United States"}}}),
        ({"customerName": "Acme", "customerEmail": "a@b.example", "correlationId": "c", "idempotencyKey": "k",
          "salesforceOrgId": "00D000000000001", "salesforceRecordId": "a0D30000001n7Pi", "faultOnError": False}, {}),
        ({"salesforceId": "a0D30000001n7Pi"}, {"salesforceId": "a0D30000001n7PiEAI"}),
        ({"salesforceId": "order 17"}, {"salesforceId": "order 17"}),
    ],
)  # fmt: skip
def test_terms(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    """To Stigg goes what was given of its own fields, and nothing else."""
    assert {"planId": "plan-growth", **expected} == terms(**fields)


def test_duplicate_addons() -> None:
    """The same add-on on several lines counts as their sum."""
    lines = [{"id": "a", "quantity": 2}, {"id": "b", "quantity": 1}, {"id": "a", "quantity": "3.0"}]

    assert terms(addons=lines)["addons"] == [{"id": "a", "quantity": 5}, {"id": "b", "quantity": 1}]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=9))
def test_sums(lines: list[tuple[str, int]]) -> None:
    """However lines are split, each add-on is sent once, with its whole quantity."""
    sent = terms(addons=[{"id": name, "quantity": quantity} for name, quantity in lines])["addons"]

    assert {addon["id"]: addon["quantity"] for addon in sent} == {
        name: sum(quantity for other, quantity in lines if other == name) for name, _ in lines
    }
    assert len(sent) == len({name for name, _ in lines})
