"""Reading Stigg's JSON: whatever can be read is read, so that no success counts as lost for an oddity in it."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from stigg_actions.decimal_json import MAX_DIGITS

DEEPEST = 64
"""Levels of nesting; what lies deeper is given as its JSON text."""


def read(text: str) -> Any:
    """Return the value of JSON text, None if it is none; numbers are exact.

    Of a name given twice the last one counts, NaN is None, half a surrogate pair is a question mark, and a number of
    more digits than anything could hold is the text of it.
    """
    try:
        return _tidied(json.loads(text, parse_float=_number(Decimal), parse_int=_number(int), parse_constant=_nothing))
    except (ValueError, RecursionError):
        return None


def _number(kind: type[int] | type[Decimal]) -> Callable[[str], Any]:
    def number(digits: str) -> Any:
        try:
            magnitude = Decimal(digits)
        except ArithmeticError:  # an exponent that no Decimal can hold
            return digits
        fits = len(digits) <= MAX_DIGITS and abs(magnitude.adjusted()) <= MAX_DIGITS
        return kind(digits) if fits else digits

    return number


def _nothing(_name: str) -> None:
    """Stand in for NaN and the infinities."""


def _tidied(value: Any, depth: int = 0) -> Any:
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case dict() | list() if depth == DEEPEST:
            return json.dumps(value, default=str)
        case dict():
            return {_tidied(name): _tidied(item, depth + 1) for name, item in value.items()}
        case list():
            return [_tidied(item, depth + 1) for item in value]
        case _:
            return value
