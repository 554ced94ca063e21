"""Granting credits: the rules over several fields, and what goes to Stigg."""

from decimal import Decimal
from typing import Any

import pytest

from stigg_actions.models.create_credit_grant import CreateCreditGrant
from stigg_actions.models.parsing import parse
from tests.unit.models.conftest import Problems

TERMS = {
    "currencyId": "cred-type-tokens",
    "amount": Decimal("2.5"),
    "displayName": "Welcome",
    "grantType": "PROMOTIONAL",
}
BASE = {"customerId": "acme", "salesforceRecordId": "a0D30000001n7Pi", **TERMS}
COST = {"amount": 1, "currency": "USD"}


@pytest.mark.parametrize("field", TERMS)
def test_required(problems: Problems, field: str) -> None:
    """What a grant cannot be without is asked for."""
    body = {name: value for name, value in BASE.items() if name != field}

    assert {field: "is required"} == problems(CreateCreditGrant, body)


@pytest.mark.parametrize(
    ("fields", "field", "expected"),
    [
        ({"effectiveAt": "2026-02-01", "expireAt": "2026-01-31"}, "expireAt", "must be later than effectiveAt"),
        (
            {"effectiveAt": "2026-02-01T00:00:00Z", "expireAt": "2026-02-01T00:00:00Z"},
            "expireAt",
            "must be later than effectiveAt",
        ),
        ({"cost": COST}, "paymentCollectionMethod", "is required with a cost: CHARGE, INVOICE or NONE"),
        (
            {"metadata": {"stiggActionsKey": "x"}},
            "metadata",
            "has stiggActionsKey, which the actions set themselves; use another key",
        ),
        ({"cost": {"amount": 1}, "grantType": "PAID"}, "cost.currency", "is required"),
        ({"cost": {"currency": "USD"}, "grantType": "PAID"}, "cost.amount", "is required"),
        (
            {"cost": COST, "grantType": "PAID"},
            "paymentCollectionMethod",
            "is required with a cost: CHARGE, INVOICE or NONE",
        ),
        ({"priority": 101}, "priority", "must be less than or equal to 100"),
        ({"priority": -1}, "priority", "must be greater than or equal to 0"),
        ({"priority": "0.5"}, "priority", "must be a whole number; fractions are refused, not rounded"),
        ({"amount": 0}, "amount", "must be greater than 0"),
        ({"grantType": "RECURRING"}, "grantType", "must be 'PAID' or 'PROMOTIONAL'"),
        (
            {"salesforceRecordId": None},
            "salesforceRecordId",
            "is required, or give idempotencyKey instead, so that no grant is made twice",
        ),
    ],
)
def test_rules(problems: Problems, fields: dict[str, Any], field: str, expected: str) -> None:
    """Fields that contradict each other, or need each other, are named."""
    assert {field: expected} == problems(CreateCreditGrant, {**BASE, **fields})


@pytest.mark.parametrize("priority", [0, 100, "50.0"])
def test_priorities(priority: object) -> None:
    """A priority lies between 0 and 100, both included."""
    assert int(float(str(priority))) == parse(CreateCreditGrant, {**BASE, "priority": priority}).priority


def test_key_in_place_of_record() -> None:
    """A caller's own key makes a grant happen once as well as a record does."""
    request = parse(CreateCreditGrant, {**BASE, "salesforceRecordId": None, "idempotencyKey": "grant-1"})

    assert request.terms() == TERMS


def test_promotional_cost() -> None:
    """A promotional grant may have a cost: Stigg decides what that means."""
    given = {**BASE, "cost": COST, "paymentCollectionMethod": "NONE"}

    assert parse(CreateCreditGrant, given).terms()["cost"] == {"amount": 1, "currency": "usd"}


def test_paid_grant() -> None:
    """A paid grant has a cost and a way of payment."""
    given = {"grantType": "paid", "cost": COST, "paymentCollectionMethod": "invoice", "effectiveAt": "2026-02-01"}
    terms = parse(CreateCreditGrant, {**BASE, **given}).terms()

    assert (terms["grantType"], terms["cost"], terms["paymentCollectionMethod"]) == (
        "PAID",
        {"amount": 1, "currency": "usd"},
        "INVOICE",
    )
