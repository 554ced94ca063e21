"""The values that fields hold, as Salesforce sends them and as Stigg takes them."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from stigg_actions import decimal_json
from stigg_actions.salesforce import organization_id, record_id

_CUSTOMER_ID = r"^[a-zA-Z0-9][a-zA-Z0-9_|.@-]*$"
_STIGG_ID = r"^[a-zA-Z0-9][a-zA-Z0-9_|.@:-]*$"
_CORRELATION_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:|-]*$"
_VISIBLE_ASCII = r"^[\x21-\x7e]+( [\x21-\x7e]+)*$"
_EMAIL = r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f]+$"
_WEB_ADDRESS = r"^https?://[^\s\x00-\x1f\x7f]+$"
_CURRENCY = r"^[A-Za-z]{3}$"
_COUNTRY = r"^([A-Za-z]{2}|[A-Za-z]{3})$"
FOUR_DIGITS = r"^[0-9]{4}$"

PATTERNS_IN_WORDS = {
    _CUSTOMER_ID: "must start with a letter or digit, and hold only letters, digits and _ | . @ -",
    _STIGG_ID: "must start with a letter or digit, and hold only letters, digits and _ | . @ : -",
    _CORRELATION_ID: "must start with a letter or digit, and hold only letters, digits and _ . : | -",
    _VISIBLE_ASCII: "must hold only visible ASCII characters, with single spaces between them",
    _EMAIL: "must be an e-mail address, such as name@example.com",
    _WEB_ADDRESS: "must be a web address that starts with http:// or https://",
    _CURRENCY: "must be a three-letter currency code, such as USD",
    _COUNTRY: "must be a country code, such as US, or eu",
    FOUR_DIGITS: "must be four digits",
}
"""What to tell a caller whose text does not match one of the patterns here."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,9})?", re.ASCII)
_YEARS = range(1970, 2200)
LARGEST_WHOLE = 10**15
"""The largest whole number a field may hold: exact in every system on the way."""


RESERVED_METADATA = {
    "salesforceOrgId",
    "salesforceAccountId",
    "salesforceRecordId",
    "stiggActionsKey",
    "stiggActionsOperation",
    "correlationId",
}
"""Metadata keys by which the actions mark what they make in Stigg."""


def _without_control_characters(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("holds a control character; remove it")
    return text


def _flag(value: Any) -> Any:
    """Booleans come as such, or as the text of a Salesforce formula; numbers are no booleans."""
    if isinstance(value, bool):
        return value
    match str(value).strip().lower() if isinstance(value, str) else None:
        case "true":
            return True
        case "false":
            return False
    raise ValueError("must be true or false")


def _number(value: Any) -> Any:
    """Salesforce sends numbers as JSON numbers, and as text out of formula and text fields."""
    if isinstance(value, bool) or not isinstance(value, int | str | float | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reports ValueError by field
    return decimal_json.exact(Decimal(_number_text(value)))


def _number_text(value: str | float | Decimal) -> str:
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise ValueError("must be a number")
    return str(value).strip()


def _whole(value: Any) -> int:
    """Salesforce has only decimals: 3.0 is the whole number 3, but 3.5 is refused rather than rounded."""
    number = _number(value)
    if number != number.to_integral_value():
        raise ValueError("must be a whole number; fractions are refused, not rounded")
    return int(number)


def _upper(value: Any) -> Any:
    """A picklist label such as ``End of billing period`` stands for Stigg's END_OF_BILLING_PERIOD."""
    return re.sub(r"[\s-]+", "_", value.strip()).upper() if isinstance(value, str) else value


def _moment(value: Any, expand: time) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        text = _MOMENT.fullmatch(value.strip())[0]  # type: ignore[index]  # no match is a TypeError
        moment = datetime.fromisoformat(text)
        if _DATE.fullmatch(text):
            moment = datetime.combine(moment, expand)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (AttributeError, TypeError, ValueError, OverflowError):
        raise ValueError("must be a date (2026-01-31) or date-time (2026-01-31T09:30:00Z)") from None
    if moment.year not in _YEARS:
        raise ValueError(f"must lie in the years {_YEARS.start} to {_YEARS.stop - 1}")
    return moment


def _start_of_day(value: Any) -> datetime:
    return _moment(value, time(0, 0, 0))


def _end_of_day(value: Any) -> datetime:
    return _moment(value, time(23, 59, 59))


def _instant(value: Any) -> datetime:
    if isinstance(value, str) and _DATE.fullmatch(value.strip()):
        raise ValueError("must be a date-time, such as 2026-01-31T09:30:00Z: a day alone does not say what came first")
    return _moment(value, time())


def choice(*names: str) -> BeforeValidator:
    """Put before a ``Literal`` of names of ours: a picklist label such as ``End of billing period`` stands for one."""
    by_letters = {_letters(name): name for name in names}
    return BeforeValidator(lambda value: by_letters.get(_letters(value), value) if isinstance(value, str) else value)


def _letters(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).lower()


def _from_json_text(value: Any) -> Any:
    """A Flow may build a list or an object as text: read it."""
    return decimal_json.loads(value) if isinstance(value, str) else value


def _payload(value: Any) -> Any:
    payload = _from_json_text(value)
    if not isinstance(payload, dict):
        raise ValueError("must be a JSON object, or its text")  # noqa: TRY004 - pydantic reports ValueError by field
    return payload


def _pairs(value: Any) -> dict[str, str]:
    """A map comes as one, as its JSON text, or as the list of ``{key, value}`` that a Flow can build."""
    value = _from_json_text(value)
    if isinstance(value, Mapping):
        entries = [(_stripped(name), _stripped(item)) for name, item in value.items()]
    elif isinstance(value, list):
        entries = [_pair(entry) for entry in value]
    else:
        raise ValueError("must be a list of {key, value} or a map")  # noqa: TRY004 - pydantic reports ValueError by field
    _refuse_twice(name for name, _ in entries)
    return {name: _map_text(name, item) for name, item in entries if item is not None and item != ""}


def _without_reserved(metadata: dict[str, str]) -> dict[str, str]:
    taken = sorted(RESERVED_METADATA & metadata.keys())
    if taken:
        raise ValueError(f"has {', '.join(taken)}, which the actions set themselves; use another key")
    return metadata


def _pair(entry: Any) -> tuple[Any, Any]:
    if not isinstance(entry, Mapping) or not {"key"} <= set(entry) <= {"key", "value"}:
        raise ValueError("must hold only entries of the form {key, value}")
    return _stripped(entry["key"]), _stripped(entry.get("value"))


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _refuse_twice(names: Iterable[Any]) -> None:
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str) or not name.strip() or len(name) > 255 or _CONTROL.search(name):
            raise ValueError("has a key that is no text of 1 to 255 characters")
        if name in seen:
            raise ValueError(f"gives the key {name!r} twice")
        seen.add(name)


def _map_text(name: str, item: Any) -> str:
    match item:
        case bool():
            return "true" if item else "false"
        case int():
            return str(item)
        case Decimal():
            return decimal_json.plain_number(item)
        case str() if len(item) <= 5_000:
            return item
    raise ValueError(f"has a value under {name!r} that is no text (up to 5000 characters), number or boolean")


def _long_form(text: str) -> str:
    """Return a record id in its 18-character form, any other text as it is."""
    try:
        return record_id(text)
    except ValueError:
        return text


RecordId = Annotated[str, AfterValidator(record_id)]
OrgId = Annotated[str, AfterValidator(organization_id)]
CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_CUSTOMER_ID)]
StiggId = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_STIGG_ID)]
CorrelationId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_CORRELATION_ID)]
IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_VISIBLE_ASCII)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_without_control_characters)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_without_control_characters)]
Email = Annotated[str, StringConstraints(max_length=255, pattern=_EMAIL)]
WebAddress = Annotated[str, StringConstraints(max_length=2000, pattern=_WEB_ADDRESS)]
CurrencyCode = Annotated[str, StringConstraints(to_lower=True, pattern=_CURRENCY)]
CountryCode = Annotated[str, StringConstraints(pattern=_COUNTRY)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Amount = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, max_digits=20, decimal_places=10)]
Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=LARGEST_WHOLE)]
StartMoment = Annotated[datetime, BeforeValidator(_start_of_day)]
EndMoment = Annotated[datetime, BeforeValidator(_end_of_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Picklist = BeforeValidator(_upper)
"""Put before a ``Literal`` of Stigg's upper-case names."""
JsonText = BeforeValidator(_from_json_text)
"""Put before a list that a Flow may send as its JSON text."""
StringMap = Annotated[dict[str, str], BeforeValidator(_pairs)]
Metadata = Annotated[StringMap, AfterValidator(_without_reserved)]
SalesforceId = Annotated[Text, AfterValidator(_long_form)]
JsonObject = Annotated[dict[str, Any], BeforeValidator(_payload)]
