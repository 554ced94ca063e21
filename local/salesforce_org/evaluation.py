"""The values of formulas, as Salesforce reckons them.

Source: Salesforce Help, "Formula Operators and Functions": a blank text equals another one, no value is greater or less
than a blank, and a text that is joined to a blank stays as it is.
"""

import operator
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from scripts.salesforce_checks.formulas import Call, Formula, Literal, Operation, Reference

type Value = Any
"""A text, float, boolean, date, datetime, None, an object of the API, a record, or a list of such."""
type Resolve = Callable[[str], Value]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def is_blank(value: Value) -> bool:
    """Whether a value is null or an empty text."""
    return value is None or value == ""


def text_of(value: Value) -> str:
    """Return a value as TEXT() and a merge field show it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.10f}".rstrip("0").rstrip(".")
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%SZ}"
        case date():
            return value.isoformat()
    return str(value)


def compared(symbol: str, left: Value, right: Value) -> bool:
    """Return whether a comparison holds."""
    if symbol in {"=", "==", "<>", "!="}:
        equal = (is_blank(left) and is_blank(right)) or left == right
        return equal == (symbol in {"=", "=="})
    return not is_blank(left) and not is_blank(right) and _COMPARISONS[symbol](left, right)


def evaluate(formula: Formula, resolve: Resolve, changed: Callable[[str], bool], today: date) -> Value:
    """Return the value of a formula; `resolve` knows every reference, `changed` answers ISCHANGED()."""
    return _Evaluation(resolve, changed, today).of(formula)


class _Evaluation:
    def __init__(self, resolve: Resolve, changed: Callable[[str], bool], today: date) -> None:
        self._resolve, self._changed, self._today = resolve, changed, today

    def of(self, formula: Formula) -> Value:
        match formula:
            case Literal(value):
                return value
            case Reference(name):
                return self._resolve(name)
            case Operation(symbol, left, right):
                return self._operation(symbol, self.of(left), self.of(right))
            case Call(function, arguments):
                return self._call(function, arguments)

    def _operation(self, symbol: str, left: Value, right: Value) -> Value:
        if symbol == "&":
            return f"{text_of(left)}{text_of(right)}"
        if symbol == "+":
            return left + (timedelta(days=right) if isinstance(left, date) else right)
        if symbol in _ARITHMETIC:
            return _ARITHMETIC[symbol](left, right)
        if symbol == "-":
            difference = left - right
            return difference if isinstance(difference, float) else float(difference.days)
        return compared(symbol, left, right)

    def _call(self, function: str, arguments: tuple[Formula, ...]) -> Value:
        match function, arguments:
            case "AND", _:
                return all(self.of(one) for one in arguments)
            case "OR", _:
                return any(self.of(one) for one in arguments)
            case "IF", (condition, then, otherwise):
                return self.of(then) if self.of(condition) else self.of(otherwise)
            case "CASE", (value, *pairs, otherwise):
                return self._case(self.of(value), pairs, otherwise)
            case "ISCHANGED", (Reference(name),):
                return self._changed(name)
        constant = {"TODAY": self._today}
        return constant.get(function) or _FUNCTIONS[function](*[self.of(one) for one in arguments])

    def _case(self, value: Value, pairs: list[Formula], otherwise: Formula) -> Value:
        for name, result in zip(pairs[::2], pairs[1::2], strict=True):
            if compared("=", value, self.of(name)):
                return self.of(result)
        return self.of(otherwise)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {"*": operator.mul, "/": operator.truediv}
_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "DATEVALUE": lambda given: given.date() if isinstance(given, datetime) else date.fromisoformat(given),
    "ISBLANK": is_blank,
    "ISPICKVAL": lambda value, name: compared("=", value, name),
    "LEFT": lambda value, length: text_of(value)[: int(length)],
    "MIN": min,
    "NOT": operator.not_,
    "ROUND": lambda value, digits: float(Decimal(str(value)).quantize(Decimal(10) ** -int(digits), ROUND_HALF_UP)),
    "SUBSTITUTE": lambda value, old, new: text_of(value).replace(old, new),
    "TEXT": text_of,
    "UPPER": lambda value: text_of(value).upper(),
}
