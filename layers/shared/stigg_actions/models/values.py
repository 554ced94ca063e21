"""The types of field values: as Salesforce sends them, and as Stigg accepts them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo

from stigg_actions import decimal_json
from stigg_actions.models import moments
from stigg_actions.salesforce_ids import account_id, long_form, named_record, opportunity_id, organization_id
from stigg_actions.settings import UTC_NAME

if TYPE_CHECKING:
    from stigg_actions.models.characters import Use

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
    _CUSTOMER_ID: "must start with a letter or digit, and contain only letters, digits and _ | . @ -",
    _STIGG_ID: "must start with a letter or digit, and contain only letters, digits and _ | . @ : -",
    _CORRELATION_ID: "must start with a letter or digit, and contain only letters, digits and _ . : | -",
    _VISIBLE_ASCII: "must contain only visible ASCII characters, with single spaces between them",
    _EMAIL: "must be an e-mail address, such as name@example.com",
    _WEB_ADDRESS: "must be a web address that starts with http:// or https://",
    _CURRENCY: "must be a three-letter currency code, such as USD",
    _COUNTRY: "must be a country code such as US, or eu",
    FOUR_DIGITS: "must be four digits",
}
"""What a field must be, for the error about text that does not match its pattern."""

RESERVED_METADATA = {
    "salesforceOrgId",
    "salesforceAccountId",
    "salesforceRecordId",
    "stiggActionsKey",
    "stiggActionsOperation",
    "correlationId",
}
"""Metadata keys with which the actions mark what they create in Stigg."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,9})?", re.ASCII)
LARGEST_WHOLE = 10**15
"""The largest whole number of a field, which every system on the way keeps exact."""


class Reading:
    """How the values of a request are read: the time zone of its dates, and whether it was accepted before.

    A request that was accepted stays readable, even if today's rules would refuse it.
    """

    def __init__(
        self, named_zone: Any = None, own_zone: Callable[[], str] = lambda: UTC_NAME, *, accepted: bool = False
    ) -> None:
        self.accepted = accepted
        self.zone_name: str | None = None
        """The time zone that a value needed; None if no value needed one."""
        self._named_zone = named_zone.strip() if isinstance(named_zone, str) else ""
        self._own_zone = own_zone

    def zone(self) -> tzinfo:
        """Return the time zone of the request, else the deployment's. Raises Misconfigured if that does not exist."""
        self.zone_name = self._named_zone or self._own_zone()
        try:
            return moments.zone(self.zone_name)
        except ValueError:  # the field timeZone is refused because of it
            return UTC


_DEFAULT_READING = Reading()


def _reading(info: ValidationInfo) -> Reading:
    return info.context if isinstance(info.context, Reading) else _DEFAULT_READING


def _if_asked(check: Callable[[str], str]) -> AfterValidator:
    """Check the values of a new request; a request that was accepted before is not checked again."""
    return AfterValidator(lambda text, info: text if _reading(info).accepted else check(text))


def _flag(value: Any) -> Any:
    """Accept a boolean, or its text from a Salesforce formula; refuse a number."""
    if isinstance(value, bool):
        return value
    match str(value).strip().lower() if isinstance(value, str) else None:
        case "true":
            return True
        case "false":
            return False
    raise ValueError("must be true or false")


def _number(value: Any) -> Any:
    """Accept a JSON number, or its text from a formula or a text field."""
    if isinstance(value, bool) or not isinstance(value, int | str | float | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reports ValueError by field
    number = decimal_json.exact(Decimal(_number_text(value)))
    return number or number.copy_abs()  # zero has no sign


def _number_text(value: str | float | Decimal) -> str:
    """Return a number as text. Salesforce's TEXT() writes a decimal point, and no zero before it."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        remedy = " without separators, units or currency symbols, such as 1000.5" if re.search("[0-9]", value) else ""
        raise ValueError(f"must be a number{remedy}")
    return str(value).strip()


def _whole(value: Any) -> int:
    """Accept 3.0 as 3, because Salesforce has only decimals; refuse 3.5 instead of rounding it."""
    number = _number(value)
    if number != number.to_integral_value():
        raise ValueError("must be a whole number; fractions are refused, not rounded")
    return int(number)


def _upper(value: Any) -> Any:
    """Turn a picklist label such as ``End of billing period`` into Stigg's END_OF_BILLING_PERIOD."""
    return re.sub(r"[\s-]+", "_", value.strip()).upper() if isinstance(value, str) else value


def _zone_name(text: str) -> str:
    moments.zone(text)
    return text


def _start(value: Any, info: ValidationInfo) -> datetime:
    return moments.start(value, _reading(info).zone)


def _end(value: Any, info: ValidationInfo) -> datetime:
    return moments.end(value, _reading(info).zone)


def _start_of_months(value: Any, info: ValidationInfo) -> datetime:
    return moments.start_of_months(value, _reading(info).zone)


def _instant(value: Any, info: ValidationInfo) -> datetime:
    return moments.instant(value, _reading(info).zone)


class _ToTheSecond:
    """Makes a field a date-time in the OpenAPI document, because it does not accept a date alone."""

    @staticmethod
    def __get_pydantic_json_schema__(schema: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """Return the schema of a date-time."""
        return {**handler(schema), "format": "date-time"}


def choice(*names: str) -> BeforeValidator:
    """Put before a ``Literal`` of our own names, to accept picklist labels such as ``End of billing period``."""
    by_letters = {_letters(name): name for name in names}
    return BeforeValidator(lambda value: by_letters.get(_letters(value), value) if isinstance(value, str) else value)


def _letters(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).lower()


def _without_reserved(metadata: dict[str, str]) -> dict[str, str]:
    taken = sorted(RESERVED_METADATA & metadata.keys())
    if taken:
        raise ValueError(f"has {', '.join(taken)}, which the actions set themselves; use another key")
    return metadata


def _currency(code: str) -> str:
    from stigg_actions.models.currencies import currency  # noqa: PLC0415 - only requests with money need it

    return currency(code)


def _characters(use: "Use") -> AfterValidator:
    """Check that text contains only characters that are allowed for a use."""

    def check(text: str) -> str:
        if not (text.isascii() and text.isprintable()):
            from stigg_actions.models import characters  # noqa: PLC0415 - most text is plain

            characters.check(text, use)
        return text

    return _if_asked(check)


def _pairs(value: Any, info: ValidationInfo) -> dict[str, str]:
    from stigg_actions.models import texts  # noqa: PLC0415 - only requests with maps need it

    return texts.pairs(value, check=not _reading(info).accepted)


def _payload(value: Any, info: ValidationInfo) -> Any:
    from stigg_actions.models import texts  # noqa: PLC0415 - only workflows need it

    payload = texts.json_object(value)
    return payload if _reading(info).accepted else texts.checked_throughout(payload)


_FOR_PEOPLE, _ADDRESS = _characters("read"), _characters("address")

RecordId = Annotated[str, _if_asked(named_record)]
AccountId = Annotated[str, _if_asked(account_id)]
OpportunityId = Annotated[str, _if_asked(opportunity_id)]
OrgId = Annotated[str, AfterValidator(organization_id)]
CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_CUSTOMER_ID)]
StiggId = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_STIGG_ID)]
CorrelationId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_CORRELATION_ID)]
IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_VISIBLE_ASCII)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=255), _FOR_PEOPLE]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=2000), _FOR_PEOPLE]
Email = Annotated[str, StringConstraints(max_length=255, pattern=_EMAIL), _ADDRESS]
WebAddress = Annotated[str, StringConstraints(max_length=2000, pattern=_WEB_ADDRESS), _ADDRESS]
CurrencyCode = Annotated[str, StringConstraints(to_lower=True, pattern=_CURRENCY), _if_asked(_currency)]
CountryCode = Annotated[str, StringConstraints(pattern=_COUNTRY)]
TimeZone = Annotated[str, StringConstraints(max_length=64), _if_asked(_zone_name)]
Flag = Annotated[bool, BeforeValidator(_flag)]
ExactNumber = Annotated[Decimal, BeforeValidator(_number)]
Number = Annotated[ExactNumber, Field(max_digits=20, decimal_places=10)]
Amount = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, max_digits=20, decimal_places=10)]
Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=LARGEST_WHOLE)]
StartMoment = Annotated[datetime, BeforeValidator(_start)]
EndMoment = Annotated[datetime, BeforeValidator(_end)]
Instant = Annotated[datetime, BeforeValidator(_instant), _ToTheSecond]
StartOfMonths = Annotated[datetime, BeforeValidator(_start_of_months)]
"""A start from which months are counted; it keeps its time zone."""
Picklist = BeforeValidator(_upper)
"""Put before a ``Literal`` of Stigg's upper-case names."""
JsonText = BeforeValidator(decimal_json.value_of)
"""Put before a list that a Flow may send as its JSON text."""
StringMap = Annotated[dict[str, str], BeforeValidator(_pairs)]
Metadata = Annotated[StringMap, AfterValidator(_without_reserved)]
SalesforceId = Annotated[Text, _if_asked(long_form)]
JsonObject = Annotated[dict[str, Any], BeforeValidator(_payload)]
