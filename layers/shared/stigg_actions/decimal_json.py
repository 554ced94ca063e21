"""Read and write JSON with exact decimals: no number passes through a binary float.

Reading refuses duplicate names, NaN, invalid Unicode and deep nesting, so that bad input is reported as such and does
not fail in a later step.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Never

MAX_DEPTH = 32
MAX_DIGITS = 40


class JsonError(ValueError):
    """JSON that is not accepted. ``field`` is the path of the value at fault, empty for the text as a whole."""

    def __init__(self, problem: str, field: str = "") -> None:
        super().__init__(problem)
        self.field = field


def loads(text: str) -> Any:
    """Read JSON text with numbers as ``int`` or ``Decimal``.

    Raises:
        JsonError: the text is malformed, gives a field twice, nests over 32 levels, or has NaN or lone surrogates.
    """
    try:
        value = json.loads(
            text,
            parse_float=Decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique_fields,
        )
    except json.JSONDecodeError as error:
        raise JsonError(f"is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except ArithmeticError:  # an exponent that no Decimal can hold
        raise JsonError(f"contains a number of more than {MAX_DIGITS} digits") from None
    except RecursionError:
        raise JsonError(f"is nested deeper than {MAX_DEPTH} levels") from None
    return exact(value)


def value_of(value: Any) -> Any:
    """Return a value, parsed if it is JSON text: a Flow may send a list or an object as text. Raises JsonError."""
    return loads(value) if isinstance(value, str) else value


def exact(value: Any, path: str = "", depth: int = 0) -> Any:
    """Replace the floats of a parsed JSON value by the decimals they were written as. Refuses what ``loads`` refuses.

    Raises:
        JsonError: as ``loads``; its ``field`` is the path, such as ``addons[0].id``.
    """
    if depth > MAX_DEPTH:
        raise JsonError(f"is nested deeper than {MAX_DEPTH} levels", _first_name(path))
    match value:
        case dict():
            return {
                _text(name, path): exact(item, f"{path}.{name}" if path else name, depth + 1)
                for name, item in value.items()
            }
        case list():
            return [exact(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
        case float():
            return _finite(Decimal(repr(value)), path)
        case Decimal():
            return _finite(value, path)
        case str():
            return _text(value, path)
        case int() if abs(value) >= 10**MAX_DIGITS:
            raise JsonError(f"is a number of more than {MAX_DIGITS} digits", path)
        case _:
            return value


def dumps(value: Any, *, sort: bool = False) -> str:
    """Write a value as compact JSON: decimals are exact, date-times are in UTC, names are sorted if ``sort`` is set."""
    match value:
        case None | bool() | int() | str():
            return json.dumps(value)
        case Decimal():
            return plain_number(value)
        case datetime():
            precision = "milliseconds" if value.microsecond else "seconds"
            return json.dumps(value.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z"))
        case Mapping():
            items = sorted(value.items()) if sort else value.items()
            return "{" + ",".join(f"{json.dumps(str(name))}:{dumps(item, sort=sort)}" for name, item in items) + "}"
        case Iterable():
            return "[" + ",".join(dumps(item, sort=sort) for item in value) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} has no JSON form")


def plain_number(number: Decimal) -> str:
    """Write a decimal without an exponent or trailing zeros: 3.0 is ``3``, 4E+2 is ``400``."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def fits(number: Decimal) -> bool:
    """Whether a decimal is finite and short enough to be written and read again."""
    if not number.is_finite():
        return False
    return len(number.as_tuple().digits) <= MAX_DIGITS and abs(number.adjusted()) <= MAX_DIGITS


def _first_name(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise JsonError(f"contains a number of more than {MAX_DIGITS} digits")
    return int(digits)


def _finite(number: Decimal, path: str) -> Decimal:
    if not number.is_finite():
        raise JsonError("is not a finite number", path)
    if not fits(number):
        raise JsonError(f"is a number of more than {MAX_DIGITS} digits", path)
    return number


def _text(text: str, path: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise JsonError("contains half of a surrogate pair, which is not valid Unicode text; remove it", path) from None
    return text


def _refuse_constant(name: str) -> Never:
    raise JsonError(f"contains {name}, which is not a JSON number")


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonError("is given twice in one object", twice)
    return fields
