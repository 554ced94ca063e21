"""JSON in and out with exact decimals: no number passes through a binary float.

Reading refuses what a later step would stumble over (duplicate names, NaN, text that is no Unicode, endless nesting),
so that bad input is answered as bad input.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Never

MAX_DEPTH = 32
MAX_DIGITS = 40


class JsonError(ValueError):
    """Text is not the JSON we accept; ``field`` is the path of the offending value, empty for the whole."""

    def __init__(self, problem: str, field: str = "") -> None:
        super().__init__(problem)
        self.field = field


def loads(text: str) -> Any:
    """Read JSON text with numbers as ``int`` or ``Decimal``.

    Raises:
        JsonError: it is malformed, names a field twice, nests deeper than 32 levels, or holds NaN or lone surrogates.
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
        raise JsonError(f"holds a number of more than {MAX_DIGITS} digits") from None
    except RecursionError:
        raise JsonError(f"is nested deeper than {MAX_DEPTH} levels") from None
    return exact(value)


def value_of(value: Any) -> Any:
    """Return a value, or what its JSON text says: a Flow may build a list or an object as text. Raises JsonError."""
    return loads(value) if isinstance(value, str) else value


def exact(value: Any, path: str = "", depth: int = 0) -> Any:
    """Return a parsed JSON value with floats as the decimals they were written as, refusing what ``loads`` refuses.

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
    """Write dicts, lists, text, numbers, decimals and date-times (in UTC) as compact JSON, sorted by name if asked."""
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
    """Write a decimal without exponent or needless zeros: 3.0 is ``3``, 4E+2 is ``400``."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def fits(number: Decimal) -> bool:
    """Whether a decimal is finite, and short enough to be written here and read again."""
    if not number.is_finite():
        return False
    return len(number.as_tuple().digits) <= MAX_DIGITS and abs(number.adjusted()) <= MAX_DIGITS


def _first_name(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise JsonError(f"holds a number of more than {MAX_DIGITS} digits")
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
        raise JsonError("holds half of a surrogate pair, which is no Unicode text", path) from None
    return text


def _refuse_constant(name: str) -> Never:
    raise JsonError(f"holds {name}, which is no JSON number")


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonError("is given twice in one object", twice)
    return fields
