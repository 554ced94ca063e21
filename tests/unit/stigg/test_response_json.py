"""Reading Stigg's JSON, with all its oddities."""

from decimal import Decimal

import pytest

from stigg_actions import decimal_json
from stigg_actions.stigg.response import DEEPEST, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 0.10, "n": 3, "t": true, "z": null}', {"a": Decimal("0.10"), "n": 3, "t": True, "z": None}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ("[NaN, -Infinity]", [None, None]),
        ('["\\ud83d", "\ud83d", {"\\ude00": 1}]', ["?", "?", {"?": 1}]),
        ('"\\ud83d\\ude00"', "\N{GRINNING FACE}"),
        ("1" * 41, "1" * 41),
        ("1" * 5000, "1" * 5000),
        ("0." + "1" * 50, "0." + "1" * 50),
        ("1e41", "1e41"),
        ("1e9999999999999999999", "1e9999999999999999999"),
        ("1E+3", Decimal("1E+3")),
    ],
    ids=range(11),
)
def test_oddities(text: str, expected: object) -> None:
    """Whatever JSON can be read is read."""
    assert read(text) == expected


@pytest.mark.parametrize("text", ["", "<html>", "{", "[" * 100_000, '{"a": 1} x'], ids=range(5))
def test_no_json(text: str) -> None:
    """What is no JSON is nothing."""
    assert read(text) is None


@pytest.mark.parametrize("depth", [DEEPEST - 1, DEEPEST, DEEPEST + 1, 400])
def test_depth(depth: int) -> None:
    """What lies too deep to be handled is text, so that what was read can be written again."""
    text = "[" * depth + "1.5" + "]" * depth
    written = decimal_json.dumps(read(text))

    assert (written == text) is (depth <= DEEPEST)
