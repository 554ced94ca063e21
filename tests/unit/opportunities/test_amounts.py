"""Amounts in the smallest units of their currency."""

from decimal import Decimal
from typing import get_args, get_type_hints

import pytest
from stigg.types.v1.customer_provision_params import CustomerProvisionParams

from stigg_actions.opportunities.amounts import decimals, is_exact, total

ISO_4217_WITHOUT_DECIMALS = {
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
}  # fmt: skip


def currencies() -> set[str]:
    """Return the currencies that Stigg takes, as its own SDK lists them."""
    hint = get_type_hints(CustomerProvisionParams)["billing_currency"]
    return {code for part in get_args(hint) for code in get_args(part)}


def test_every_currency_of_stigg() -> None:
    """Stigg's currencies have no decimals where ISO 4217 says so, and two otherwise; none of them has three."""
    found = {code: decimals(code) for code in currencies()}

    assert len(found) == 116
    assert {code.upper() for code, places in found.items() if places == 0} == {
        code for code in ISO_4217_WITHOUT_DECIMALS if code.lower() in found
    }
    assert set(found.values()) == {0, 2}


@pytest.mark.parametrize(
    ("amount", "currency", "exact"),
    [("10.5", "jpy", False), ("10", "jpy", True), ("10.000", "jpy", True), ("10.5", "usd", True),
     ("10.55", "usd", True), ("10.555", "usd", False), ("10.550", "usd", True), ("0.333333", "eur", False)],
)  # fmt: skip
def test_exact(amount: str, currency: str, *, exact: bool) -> None:
    """An amount is exact if it has no more decimal places than its currency; zeros at its end are none."""
    assert is_exact(Decimal(amount), currency) is exact


@pytest.mark.parametrize(
    ("price", "quantity", "currency", "expected"),
    [("0.333333", "3", "usd", "1.00"), ("10.5", "1", "jpy", "11"), ("10.4", "1", "jpy", "10"),
     ("0.005", "1", "usd", "0.01"),
     ("0.004", "1", "usd", "0.00"),
     ("9999999999.9999999999", "9999999999.9999999999", "usd", "99999999999999999998.00"),
     ("0.0000000001", "0.5", "usd", "0.00")],
)  # fmt: skip
def test_total(price: str, quantity: str, currency: str, expected: str) -> None:
    """A total is rounded once, half of a smallest unit and more goes up; no digits are lost on the way."""
    assert str(total(Decimal(price), Decimal(quantity), currency)) == expected
