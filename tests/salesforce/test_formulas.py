"""Formulas are read and reckoned as Salesforce does it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from local.salesforce_org.evaluation import evaluate
from scripts.salesforce_checks.formulas import Call, Literal, Operation, Reference, Unreadable, conditions, parse

TODAY = date(2028, 2, 29)
VALUES: dict[str, object] = {
    "$Record.Name": "Acme",
    "$Record.End": date(2028, 3, 31),
    "$Record.Changed": datetime(2028, 2, 28, 23, 59, tzinfo=UTC),
    "$Record.Blank": None,
    "$Record.Price": 8.5,
}


def reckoned(formula: str) -> Any:  # noqa: ANN401 - of any type
    """The value of a formula over a record that was renamed just now."""
    return evaluate(parse(formula), VALUES.__getitem__, lambda name: name == "$Record.Name", TODAY)


def test_a_formula_is_a_tree() -> None:
    """Operators bind as in Salesforce: joined first, then compared, then combined."""
    tree = parse("{!$Record.Name} = 'a' & \"b\" && NOT(TRUE)")

    joined = Operation("&", Literal("a"), Literal("b"))
    assert tree == Operation(
        "&&", Operation("=", Reference("$Record.Name"), joined), Call("NOT", (Literal(value=True),))
    )


@pytest.mark.parametrize(
    ("formula", "expected"), [("AND(a, b)", ("a", "b")), ("a", ("a",)), ("OR(a, b)", None)], ids=["and", "one", "or"]
)
def test_conditions(formula: str, expected: tuple[str, ...] | None) -> None:
    """The conditions of a formula are the arguments of its AND; any other formula is one condition."""
    whole = (parse(formula),)

    assert conditions(parse(formula)) == (whole if expected is None else tuple(Reference(name) for name in expected))


@pytest.mark.parametrize("text", ["", "AND(", "1 +", "'open", "(1", "a b", "IF(1, 2)", "CASE(1, 2, 3)", "AND(1 2)"])
def test_what_is_no_formula(text: str) -> None:
    """A text that Salesforce would not take is refused, and so is a function that is not known here."""
    with pytest.raises(Unreadable):
        parse(text)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("IF(ISBLANK({!$Record.Blank}), 'none', {!$Record.Blank})", "none"),
        ("{!$Record.Blank} = ''", True),
        ("{!$Record.Blank} > TODAY()", False),
        ("{!$Record.Blank} < TODAY()", False),
        ("{!$Record.End} - TODAY() <= 30", False),
        ("{!$Record.End} - TODAY() = 31", True),
        ("TEXT({!$Record.End})", "2028-03-31"),
        ("TEXT(DATEVALUE({!$Record.Changed}))", "2028-02-28"),
        ("CASE({!$Record.Name}, 'Other', 1, 'Acme', 2, 3)", 2.0),
        ("CASE({!$Record.Blank}, 'Other', 1, 'Acme', 2, 3)", 3.0),
        ("MIN(10, ROUND({!$Record.Price} / 10 * 10, 0))", 9.0),
        ("UPPER('usd' & {!$Record.Blank})", "USD"),
        ("TEXT({!$Record.Price})", "8.5"),
        ("'(' & {!$Record.Blank} & ')'", "()"),
        ("LEFT({!$Record.Name} & ' Inc', 6)", "Acme I"),
        ("LEFT({!$Record.Blank}, 6)", ""),
        ("SUBSTITUTE('a\"b', '\"', '\\\\\"')", 'a\\"b'),
        ("ISPICKVAL({!$Record.Name}, 'Acme')", True),
        ("ISPICKVAL({!$Record.Blank}, '')", True),
        ("OR(FALSE, ISCHANGED({!$Record.Name}))", True),
        ("AND(TRUE, ISCHANGED({!$Record.End}))", False),
        ("NOT({!$Record.Blank})", True),
        ("IF({!$Record.Blank} <> 'x', 1, NULL)", 1.0),
    ],
)
def test_values(formula: str, expected: object) -> None:
    """Blanks, dates, numbers and texts are reckoned as the Help says."""
    assert reckoned(formula) == expected
