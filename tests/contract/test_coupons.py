"""Coupons: a subscription has one, whose months count from when it was applied, or from its own start."""

from typing import Any

import pytest
import stigg as sdk
from stigg import Stigg

from local.stigg_emulator.hosting import Emulator

DAY = 86_400
TERMS: Any = {"plan_id": "plan-growth", "billing_period": "MONTHLY", "payment_collection_method": "NONE"}
DEAL: Any = {"discount": {"name": "Deal", "percent_off": 10, "duration_in_months": 2}}


@pytest.fixture(autouse=True)
def customer(stigg: Stigg, emulator: Emulator) -> None:
    """Create the customer `acme` at the start of 2040."""
    emulator.set_clock("2040-01-01T00:00:00Z")
    stigg.v1.customers.provision(id="acme")


def coupon(stigg: Stigg) -> tuple[str, float | None]:
    """Return the status and the percentage of the coupon of sub-1."""
    (shown,) = stigg.v1.subscriptions.retrieve("sub-1").data.coupons or []
    return shown.status, shown.percent_off


def test_a_discount_expires(stigg: Stigg, emulator: Emulator) -> None:
    """A discount is active until its months are over, and is then shown as expired."""
    stigg.v1.subscriptions.provision(id="sub-1", customer_id="acme", applied_coupon=DEAL, **TERMS)

    emulator.advance(59 * DAY)
    assert coupon(stigg) == ("ACTIVE", 10)
    emulator.advance(2 * DAY)
    assert coupon(stigg) == ("EXPIRED", 10)


def test_another_discount_counts_anew(stigg: Stigg, emulator: Emulator) -> None:
    """A discount that an update applies takes the place of the other one, and counts its own months."""
    stigg.v1.subscriptions.provision(id="sub-1", customer_id="acme", applied_coupon=DEAL, **TERMS)
    emulator.advance(50 * DAY)
    more: Any = {"discount": {"name": "More", "percent_off": 20, "duration_in_months": 2}}
    stigg.v1.subscriptions.update("sub-1", applied_coupon=more)

    emulator.advance(50 * DAY)
    assert coupon(stigg) == ("ACTIVE", 20)
    emulator.advance(20 * DAY)
    assert coupon(stigg) == ("EXPIRED", 20)


def test_a_discount_with_a_start(stigg: Stigg, emulator: Emulator) -> None:
    """The months of a discount with a start of its own count from there."""
    later: Any = {**DEAL, "configuration": {"start_date": "2040-02-01T00:00:00Z"}}
    stigg.v1.subscriptions.provision(id="sub-1", customer_id="acme", applied_coupon=later, **TERMS)

    emulator.advance(80 * DAY)
    assert coupon(stigg) == ("ACTIVE", 10)
    emulator.advance(20 * DAY)
    assert coupon(stigg) == ("EXPIRED", 10)


@pytest.mark.parametrize(
    "applied",
    [
        {"discount": {"name": "None"}},
        {"discount": {"percent_off": 10, "amounts_off": [{"amount": 1, "currency": "usd"}]}},
        {"discount": {"percent_off": 101}},
        {"discount": {"percent_off": 0}},
        {"discount": {"amounts_off": [{"amount": 0, "currency": "usd"}]}},
        {"discount": {"percent_off": 10, "duration_in_months": 0}},
        {"discount": {"percent_off": 10}, "coupon_id": "coupon-welcome"},
    ],
)
def test_what_is_no_discount_is_refused(stigg: Stigg, applied: Any) -> None:  # noqa: ANN401 - the SDK's parameter
    """A discount needs one kind of reduction that is one, and a coupon one source."""
    with pytest.raises(sdk.BadRequestError, match="appliedCoupon"):
        stigg.v1.subscriptions.provision(id="sub-1", customer_id="acme", applied_coupon=applied, **TERMS)
