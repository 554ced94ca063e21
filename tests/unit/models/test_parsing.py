"""From a caller's body to a request, and from what is wrong to fields and remedies."""

from decimal import Decimal
from typing import Any

import pytest

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.models.parsing import LONGEST_BODY, LONGEST_PATH, MOST_PROBLEMS, parse, read_text, read_value

BASE = {"customerId": "acme", "planId": "plan-growth"}
TOO_LONG = "is longer than 131072 bytes, where a character outside ASCII counts as 6 or 12; send less"


def test_read_text() -> None:
    """A body is a JSON object, its numbers exact."""
    assert read_text(' {"amount": 0.10, "n": 1} ') == {"amount": Decimal("0.10"), "n": 1}


def test_longest_body() -> None:
    """A body may be as long as the limit."""
    body = '{"a":"' + "x" * (LONGEST_BODY - 8) + '"}'

    assert len(body) == LONGEST_BODY
    assert list(read_text(body)) == ["a"]


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("", "body", "is required: send a JSON object"),
        (" \n", "body", "is required: send a JSON object"),
        ("null", "body", "must be a JSON object"),
        ("[]", "body", "must be a JSON object"),
        ('"text"', "body", "must be a JSON object"),
        ("5", "body", "must be a JSON object"),
        ("{", "body", "is not valid JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        (
            "{'a': 1}",
            "body",
            "is not valid JSON: Expecting property name enclosed in double quotes at line 1, column 2",
        ),
        ("\ufeff{}", "body", "is not valid JSON: Unexpected UTF-8 BOM (decode using utf-8-sig) at line 1, column 1"),
        ('{"a": 1} {"b": 2}', "body", "is not valid JSON: Extra data at line 1, column 10"),
        ('{"planId": "a", "planId": "b"}', "planId", "is given twice in one object"),
        ('{"amount": NaN}', "body", "contains NaN, which is not a JSON number"),
        ('{"amount": Infinity}', "body", "contains Infinity, which is not a JSON number"),
        ('{"amount": 1e999999999}', "amount", "is a number of more than 40 digits"),
        ('{"amount": 1e9999999999999999999}', "body", "contains a number of more than 40 digits"),
        ('{"amount": 1' + "0" * 5000 + "}", "body", "contains a number of more than 40 digits"),
        (
            '{"name": "\\ud83d"}',
            "name",
            "contains half of a surrogate pair, which is not valid Unicode text; remove it",
        ),
        ('{"name": "\ud83d"}', "name", "contains half of a surrogate pair, which is not valid Unicode text; remove it"),
        ("[" * 100_000, "body", "is nested deeper than 32 levels"),
        ('{"payload": ' + "[" * 100_000 + "]" * 10_000 + "}", "body", "is nested deeper than 32 levels"),
        ('{"payload": ' + "[" * 40 + "]" * 40 + "}", "payload", "is nested deeper than 32 levels"),
        ('{"a": "' + "x" * 1_000_000 + '"}', "body", TOO_LONG),
        ('{"a": "' + "\N{GRINNING FACE}" * 11_000 + '"}', "body", TOO_LONG),
        ('{"a": [' + "1e39," * 4_000 + "1]}", "body", TOO_LONG),
    ],
    ids=range(24),
)
def test_bad_text(text: str, field: str, problem: str) -> None:
    """Text that is no sensible JSON object is refused, under the field where there is one."""
    with pytest.raises(RequestInvalid) as refused:
        read_text(text)

    assert (Problem(field, problem),) == refused.value.details


def test_read_value() -> None:
    """A body that the runtime has parsed gets exact numbers."""
    assert read_value({"amount": 0.1, "n": 1}) == {"amount": Decimal("0.1"), "n": 1}


def nested(depth: int) -> dict[str, Any]:
    """Build an object so deep."""
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("value", "field", "problem"),
    [
        (None, "body", "must be a JSON object"),
        ([], "body", "must be a JSON object"),
        ("text", "body", "must be a JSON object"),
        (5, "body", "must be a JSON object"),
        ({"cost": {"amount": float("nan")}}, "cost.amount", "is not a finite number"),
        ({"cost": [1.0, float("-inf")]}, "cost[1]", "is not a finite number"),
        ({"amount": 10**5000}, "amount", "is a number of more than 40 digits"),
        ({"name": "\ud83d"}, "name", "contains half of a surrogate pair, which is not valid Unicode text; remove it"),
        ({"payload": nested(40)}, "payload", "is nested deeper than 32 levels"),
        ({"a": "x" * 1_000_000}, "body", TOO_LONG),
        ({"a": "\N{GRINNING FACE}" * 11_000}, "body", TOO_LONG),
    ],
    ids=range(11),
)
def test_bad_value(value: object, field: str, problem: str) -> None:
    """A body that the runtime has parsed is held to the same rules."""
    with pytest.raises(RequestInvalid) as refused:
        read_value(value)

    assert (Problem(field, problem),) == refused.value.details


def refusal(body: dict[str, Any]) -> dict[str, str]:
    """Return the problems of a body by field."""
    with pytest.raises(RequestInvalid) as refused:
        parse(CreateSubscription, body)
    return {detail.field: detail.problem for detail in refused.value.details}


@pytest.mark.parametrize(
    ("field", "remedy"),
    [
        ("planID", "did you mean planId?"),
        ("plan_id", "did you mean planId?"),
        ("customer_id", "did you mean customerId?"),
        ("billing_period", "did you mean billingPeriod?"),
        ("addOns", "did you mean addons?"),
        ("entitlement", "did you mean entitlements?"),
        ("xyz", "remove it or correct its name"),
    ],
)
def test_unknown_field(field: str, remedy: str) -> None:
    """An unknown field is named, with the one that was probably meant."""
    assert {field: f"is not a field of this action; {remedy}"} == refusal({**BASE, field: "x"})


def test_unknown_fields_deeper() -> None:
    """Unknown fields and Python's spelling are refused at every depth."""
    body = {
        **BASE,
        "addons": [{"id": "a", "quantity": 1, "price": 2}],
        "trialOverrideConfiguration": {"isTrial": True, "trial_end_date": "2026-01-31"},
    }

    assert set(refusal(body)) == {"addons[0].price", "trialOverrideConfiguration.trial_end_date"}


def test_unknown_fields_deeper_have_no_suggestion() -> None:
    """A field of an object inside is not taken for one of the request itself."""
    problems = refusal({**BASE, "addons": [{"id": "a", "quantity": 1, "planID": "x"}]})

    assert problems == {"addons[0].planID": "is not a field of this action; remove it or correct its name"}


def test_endless_problems() -> None:
    """A body with more wrong than anybody reads is told fifty of them, each under a name of sensible length."""
    with pytest.raises(RequestInvalid) as refused:
        parse(CreateSubscription, {**BASE, **{f"{number}{'x' * 300}": 1 for number in range(1000)}})
    details = refused.value.details

    assert len(details) == MOST_PROBLEMS
    assert {len(detail.field) for detail in details} == {LONGEST_PATH + len("...")}
    assert refused.value.message.endswith("; and 45 more")


@pytest.mark.parametrize(("length", "shown"), [(200, "x" * 200), (201, "x" * 200 + "...")])
def test_the_longest_path(length: int, shown: str) -> None:
    """A path of exactly the longest length is told whole, a longer one cut."""
    assert LONGEST_PATH == 200
    assert list(refusal({**BASE, "x" * length: 1})) == [shown]
    with pytest.raises(RequestInvalid) as refused:
        read_text(f'{{"{"x" * length}": 1, "{"x" * length}": 1}}')
    assert [detail.field for detail in refused.value.details] == [shown]


def test_all_problems_at_once() -> None:
    """Everything that is wrong is told at once, each under its path."""
    expected = {
        "customerId": "must be text",
        "planId": "is required",
        "addons[1].quantity": "must be a number",
        "metadata": "must be a list of {key, value} or a map",
        "minimumSpend.currency": "is required",
        "taxRateIds": "is not a field of this action; remove it or correct its name",
    }
    body = {
        "customerId": 5,
        "planId": "",
        "addons": [{"id": "a", "quantity": 1}, {"id": "b", "quantity": "many"}],
        "metadata": 5,
        "minimumSpend": {"amount": 1},
        "taxRateIds": [],
    }

    assert expected == refusal(body)


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"planId": ["plan-growth"]}, "planId", "must be text"),
        ({"addons": {}}, "addons", "must be a list"),
        ({"customerEmail": "acme"}, "customerEmail", "must be an e-mail address, such as name@example.com"),
        ({"billingCountryCode": "U.S."}, "billingCountryCode", "must be a country code such as US, or eu"),
        (
            {"planBaseChargeOverride": {"amount": 1, "currency": "$"}},
            "planBaseChargeOverride.currency",
            "must be a three-letter currency code, such as USD",
        ),
        ({"minimumSpend": [1]}, "minimumSpend", "must be an object"),
        ({"awaitPaymentConfirmation": "maybe"}, "awaitPaymentConfirmation", "must be true or false"),
        ({"customerName": "x" * 256}, "customerName", "must have at most 255 characters"),
        ({"billingInformation": {"taxRateIds": [" "]}}, "billingInformation.taxRateIds[0]", "must not be empty"),
    ],
)
def test_plain_words(fields: dict[str, Any], field: str, problem: str) -> None:
    """Problems are told in words that an admin understands."""
    assert {field: problem} == refusal({**BASE, **fields})


def test_no_patterns() -> None:
    """No caller has to read a regular expression."""
    texts = ["customerId", "planId", "correlationId", "idempotencyKey", "customerEmail", "billingCountryCode"]
    found = refusal({**BASE, **dict.fromkeys(texts, "\N{GRINNING FACE}  !"), "checkoutOptions": {"successUrl": "x"}})

    assert set(texts) <= found.keys()
    assert [problem for problem in found.values() if "pattern" in problem] == []


def test_no_values() -> None:
    """A refusal does not repeat what was sent: it may be a secret in the wrong place."""
    body = {
        "customerId": "hush hush",
        "planId": {"a": "hush"},
        "customerEmail": "hush",
        "addons": "hush",
        "budget": "hush",
    }

    assert "hush" not in str(refusal(body))
