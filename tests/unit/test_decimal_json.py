"""JSON with exact decimals."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.decimal_json import JsonError, dumps, exact, loads, plain_number

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(-(10**9), 10**9, places=6)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_round_trip(value: object) -> None:
    """What is written reads the same, to the last digit."""
    assert value == loads(dumps(value))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1", Decimal("0.1")),
        ("1.10", Decimal("1.10")),
        ("1e2", Decimal(100)),
        ("12345678901234567890.123456789", Decimal("12345678901234567890.123456789")),
        ("-7", -7),
        ('{"a": [1, 2.5, null, true, "x"]}', {"a": [1, Decimal("2.5"), None, True, "x"]}),
    ],
)
def test_reading(text: str, expected: object) -> None:
    """Numbers are read as they are written, whole ones as integers."""
    read = loads(text)

    assert expected == read
    assert type(expected) is type(read)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (7, "7"),
        (Decimal("3.0"), "3"),
        (Decimal("1E+2"), "100"),
        ("a\u00e9\n", '"a\\u00e9\\n"'),
        (datetime(2026, 1, 31, 9, 30, tzinfo=UTC), '"2026-01-31T09:30:00Z"'),
        (datetime(2026, 1, 31, 9, 30, 0, 250_999, tzinfo=UTC), '"2026-01-31T09:30:00.250Z"'),
        ({"b": 1, "a": (2, 3)}, '{"b":1,"a":[2,3]}'),
        ([], "[]"),
    ],
)
def test_writing(value: object, expected: str) -> None:
    """Values are written compactly, decimals without exponent, moments in UTC to the millisecond."""
    assert expected == dumps(value)


def test_sorted() -> None:
    """Names are sorted at every depth if asked."""
    assert dumps({"b": {"d": 1, "c": 2}, "a": []}, sort=True) == '{"a":[],"b":{"c":2,"d":1}}'


def test_no_json_form() -> None:
    """What JSON has no form for is a mistake of ours."""
    with pytest.raises(TypeError, match="object has no JSON form"):
        dumps(object())


@pytest.mark.parametrize(
    ("number", "expected"),
    [("3.0", "3"), ("4E+2", "400"), ("0.10", "0.1"), ("100", "100"), ("-0.00", "-0"), ("1E-7", "0.0000001")],
)
def test_plain_number(number: str, expected: str) -> None:
    """A decimal is written without exponent and needless zeros."""
    assert expected == plain_number(Decimal(number))


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("", "", "is not valid JSON: Expecting value at line 1, column 1"),
        ('{"a": 1,}', "", "is not valid JSON: Illegal trailing comma before end of object at line 1, column 8"),
        ('{"a": 1, "a": 2}', "a", "is given twice in one object"),
        ('[{"b": 1, "a": 1, "b": 2}]', "b", "is given twice in one object"),
        ("[NaN]", "", "contains NaN, which is not a JSON number"),
        ("[-Infinity]", "", "contains -Infinity, which is not a JSON number"),
        (
            '{"a": {"b": "\\ud800"}}',
            "a.b",
            "contains half of a surrogate pair, which is not valid Unicode text; remove it",
        ),
        ('{"a": {"\\udfff": 1}}', "a", "contains half of a surrogate pair, which is not valid Unicode text; remove it"),
        (
            '{"a": [1, "\\ud83d"]}',
            "a[1]",
            "contains half of a surrogate pair, which is not valid Unicode text; remove it",
        ),
        ("9" * 41, "", "contains a number of more than 40 digits"),
        ('{"a": [0.' + "1" * 41 + "]}", "a[0]", "is a number of more than 40 digits"),
        ('{"a": 1e999999999}', "a", "is a number of more than 40 digits"),
        ('{"a": 1e-999999999}', "a", "is a number of more than 40 digits"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", "a", "is nested deeper than 32 levels"),
        ("[" * 100_000, "", "is nested deeper than 32 levels"),
        ('{"a":' * 100_000, "", "is nested deeper than 32 levels"),
    ],
    ids=range(16),
)
def test_refused(text: str, field: str, problem: str) -> None:
    """What a later step would stumble over is refused, with the path of the culprit."""
    with pytest.raises(JsonError) as refused:
        loads(text)

    assert (field, problem) == (refused.value.field, str(refused.value))


@pytest.mark.parametrize("text", ["1e1000000000000000000", "1e9999999999999999999", "[-1e-9999999999999999999]"])
def test_endless_exponent(text: str) -> None:
    """An exponent beyond what a decimal can hold is refused like any number that is too long."""
    with pytest.raises(JsonError, match="more than 40 digits"):
        loads(text)


def test_deepest() -> None:
    """Thirty-two levels are accepted."""
    text = "[" * 32 + "]" * 32

    assert json.loads(text) == loads(text)


def test_surrogate_pair() -> None:
    """A whole surrogate pair is one character."""
    assert loads('"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


def test_exact() -> None:
    """Floats that the Lambda runtime has read become the decimals that they were written as."""
    expected = {"a": [Decimal("0.1"), Decimal("1E+22")], "b": Decimal("2.50"), "c": None, "d": True}

    assert expected == exact({"a": [0.1, 1e22], "b": Decimal("2.50"), "c": None, "d": True})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("-Infinity"), Decimal("sNaN")])
def test_not_finite(number: object) -> None:
    """What is no finite number is refused under its path."""
    with pytest.raises(JsonError, match="is not a finite number") as refused:
        exact({"cost": {"amount": number}})

    assert refused.value.field == "cost.amount"


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"\ud800": 1}, {"a": 10.0**300}, {"a": 10**40}, [-(10**5000)]])
def test_exact_refuses(value: object) -> None:
    """What has been parsed already is held to the same rules."""
    with pytest.raises(JsonError):
        exact(value)
