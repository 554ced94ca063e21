"""The types of values in Stigg's answers, strict and lenient.

An invalid value of a strict type makes the whole answer unreadable: ``Key``, ``Word``, ``Moment``, ``Whole``. An
invalid value of a lenient type counts as absent: ``Said``, ``Amount``, ``ShownMoment``, ``Flag``, ``Lenient``.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainValidator, ValidationError, WrapValidator

from stigg_actions import decimal_json

_EARLIEST, _LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
LONGEST_KEY_BYTES = 1_000
"""Ids become keys of the tables, and a sort key of DynamoDB holds 1,024 bytes."""


def _word(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError("is not text")


def _key(value: Any) -> str:
    if len(_word(value).encode()) > LONGEST_KEY_BYTES:
        raise ValueError("is too long for an id")
    return str(value)


def _maybe_key(value: Any) -> str | None:
    return None if value is None or (isinstance(value, str) and not value.strip()) else _key(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _moment(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str | datetime):
        raise ValueError("is not a date")  # noqa: TRY004 - pydantic takes no TypeError
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return _in_utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, to the millisecond, within the range that datetime supports."""
    try:
        inside = moment.astimezone(UTC)
    except OverflowError:
        inside = _EARLIEST if moment.year == 1 else _LATEST
    return max(inside.replace(microsecond=inside.microsecond // 1_000 * 1_000), _EARLIEST)


def _shown_moment(value: Any) -> datetime | None:
    try:
        return _moment(value)
    except ValueError:
        return None


def number_in(value: Any) -> Decimal | None:
    """Return a number, also from its text; None if the value is not a number, or has too many digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
        return number if decimal_json.fits(number) else None
    except ArithmeticError:
        return None


def _whole(value: Any) -> Decimal:
    number = Decimal(1) if value is None else number_in(value)
    if number is None or number != number.to_integral_value():
        raise ValueError("is not a whole number")
    return number


def _minimum_spend(value: Any) -> dict[str, Any] | None:
    """Return a minimum spend under the names of a request."""
    shown = value if isinstance(value, dict) else {}
    read = {"amount": number_in(shown.get("amount")), "currency": _text(shown.get("currency"))}
    return {name: part for name, part in read.items() if part is not None} if read["amount"] is not None else None


def _budget(value: Any) -> dict[str, Any] | None:
    """Return a budget under the names of a request, which needs both fields."""
    shown = value if isinstance(value, dict) else {}
    read = {"hasSoftLimit": _flag(shown.get("hasSoftLimit")), "limit": number_in(shown.get("limit"))}
    return None if None in read.values() else read


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _none_if_unreadable(value: Any, read: Any) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _given(items: list[Any]) -> list[Any]:
    return [item for item in items if item is not None]


def _metadata(value: Any) -> dict[str, str]:
    """Return metadata as text by name. Stigg's API documents only text, but other values may be stored."""
    given = value.items() if isinstance(value, dict) else ()
    return {name: _as_text(item) for name, item in given if item is not None}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else decimal_json.dumps(value)


type Key = Annotated[str, PlainValidator(_key)]
"""An id that may become a key in the tables."""
type MaybeKey = Annotated[str | None, PlainValidator(_maybe_key)]
type Word = Annotated[str, PlainValidator(_word)]
"""Text that is not blank: an id, or a value of a list that may grow."""
type Moment = Annotated[datetime | None, PlainValidator(_moment)]
"""A date that decisions depend on, in UTC."""
type Whole = Annotated[Decimal, PlainValidator(_whole)]
"""A quantity; 1 if it is absent."""
type Said = Annotated[str | None, PlainValidator(_text)]
"""Text that is only passed on or compared."""
type ShownMoment = Annotated[datetime | None, PlainValidator(_shown_moment)]
"""A date that is only passed on."""
type Amount = Annotated[Decimal | None, PlainValidator(number_in)]
"""A number that is only passed on."""
type MinimumSpend = Annotated[dict[str, Any] | None, PlainValidator(_minimum_spend)]
type Budget = Annotated[dict[str, Any] | None, PlainValidator(_budget)]
type Flag = Annotated[bool | None, PlainValidator(_flag)]
type Metadata = Annotated[dict[str, str], PlainValidator(_metadata)]
type Lenient[T] = Annotated[T | None, WrapValidator(_none_if_unreadable)]
"""A part that counts as absent if it cannot be read."""
type Listed[T] = Annotated[
    list[Annotated[T, WrapValidator(_none_if_unreadable)]], BeforeValidator(_list_of), AfterValidator(_given)
]
"""A list without the items that cannot be read."""
