"""Convert Salesforce dates and times to moments, and compute the end of a term from its start and its months.

A date without a time is a day in a time zone. A start means the first moment of that day, an end its last second.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from stigg_actions.errors import Misconfigured
from stigg_actions.settings import UTC_NAME, Settings

YEARS = range(1970, 2200)
"""The years that are accepted, in UTC."""

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?[0-5]\d)?)?", re.ASCII)
_LENGTH_OF_A_DATE = 10
_MIDNIGHT, _LAST_SECOND = time(0, 0, 0), time(23, 59, 59)
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)
_NOT_A_DATE = "must be a date (2026-01-31) or date-time (2026-01-31T09:30:00Z)"
_WRONG_YEAR = f"must lie in the years {YEARS.start} to {YEARS.stop - 1}"

type Zone = Callable[[], tzinfo]
"""Returns the time zone of a request. It is called only when a value needs it."""


def zone(name: str) -> tzinfo:
    """Return the IANA time zone with this name.

    Raises:
        ValueError: there is no such time zone.
    """
    if name == UTC_NAME:
        return UTC
    from stigg_actions.models import time_zones  # noqa: PLC0415 - most requests need no other zone than UTC

    return time_zones.zone(name)


def zone_name_of(settings: Settings) -> str:
    """Return the name of the time zone in which dates are read if a request names none.

    Raises:
        Misconfigured: the stack's time zone does not exist.
    """
    try:
        zone(settings.time_zone)
    except ValueError as error:
        remedy = "Correct the stack's parameter TimeZone and deploy the stack again"
        raise Misconfigured("NOT_CONFIGURED", f"{remedy}: {settings.time_zone} {error}") from None
    return settings.time_zone


def start(value: Any, in_zone: Zone) -> datetime:
    """Return the moment in UTC at which something starts.

    Raises:
        ValueError: the value is not a date or date-time, or its year or its UTC offset is not accepted.
    """
    return _moment(value, in_zone, _MIDNIGHT).astimezone(UTC)


def end(value: Any, in_zone: Zone) -> datetime:
    """Return the moment in UTC at which something ends. Raises as ``start``."""
    return _moment(value, in_zone, _LAST_SECOND).astimezone(UTC)


def instant(value: Any, in_zone: Zone) -> datetime:
    """Return the moment in UTC of a date-time. Raises as ``start``, and ValueError for a date alone."""
    if isinstance(value, str) and _is_date(value):
        raise ValueError(
            "must be a date-time, such as 2026-01-31T09:30:00Z: a date alone does not show which change is newer"
        )
    return start(value, in_zone)


def start_of_months(value: Any, in_zone: Zone) -> datetime:
    """Return the start of a term, in the time zone in which its months are counted. Raises as ``start``.

    A value with an offset other than UTC keeps that offset, because its author chose it: Salesforce writes UTC.
    """
    moment = _moment(value, in_zone, _MIDNIGHT)
    return moment if moment.utcoffset() else moment.astimezone(in_zone())


def end_of_months(begin: datetime, months: int) -> datetime:
    """Return the last second, in UTC, of a term of some months: that of the day before the months are over.

    Raises:
        ValueError: the end lies outside the accepted years.
    """
    return _end_of_day(months_later(begin.date(), months) - timedelta(days=1), begin)


def end_of_days(begin: datetime, days: int) -> datetime:
    """Return the last second, in UTC, of some days, the first of which is the day of ``begin``.

    Raises:
        ValueError: the end lies outside the accepted years.
    """
    return _end_of_day(begin.date() + timedelta(days=days - 1), begin)


def months_later(day: date, months: int) -> date:
    """Return the day a number of months later, as Salesforce's ADDMONTHS does.

    The last day of a month leads to the last day of a month, and so does a day that the later month does not have.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    is_last, last = day.day == monthrange(day.year, day.month)[1], monthrange(year, month)[1]
    return date(year, month, last if is_last else min(day.day, last))


def _end_of_day(day: date, begin: datetime) -> datetime:
    """Return the last second of a day in the time zone of ``begin``. Raises as ``end_of_months``."""
    end_of_day = _of_wall(datetime.combine(day, _LAST_SECOND), begin.tzinfo or UTC, _LAST_SECOND)
    return _in_accepted_years(end_of_day).astimezone(UTC)


def _moment(value: Any, in_zone: Zone, of_day: time) -> datetime:
    """Read a value in its own time zone; a date without a time gets the time ``of_day``."""
    if isinstance(value, datetime):  # set by our own code, not by a caller
        return value
    written = _written(value)
    offset = written.utcoffset()
    if offset is None:
        wall = datetime.combine(written, of_day) if _is_date(value) else written
        return _in_accepted_years(_of_wall(wall, in_zone(), of_day))
    if not _WEST <= offset <= _EAST:
        raise ValueError("has a UTC offset that does not exist; offsets lie between -12:00 and +14:00")
    return _in_accepted_years(written)


def _is_date(text: str) -> bool:
    return bool(_SHAPE.fullmatch(text.strip())) and len(text.strip()) == _LENGTH_OF_A_DATE


def _written(value: Any) -> datetime:
    if not (isinstance(value, str) and _SHAPE.fullmatch(value.strip())):
        raise ValueError(_NOT_A_DATE)
    try:
        written = datetime.fromisoformat(value.strip())
    except ValueError:  # a month or an hour that does not exist
        raise ValueError(_NOT_A_DATE) from None
    if written.year not in range(YEARS.start - 1, YEARS.stop + 1):  # datetime cannot convert years at its limits
        raise ValueError(_WRONG_YEAR)
    return written


def _of_wall(wall: datetime, in_zone: tzinfo, of_day: time) -> datetime:
    """Return the moment at which clocks in a time zone show a time; if they show it twice, an end gets the last one."""
    if isinstance(in_zone, timezone):
        return wall.replace(tzinfo=in_zone)
    from stigg_actions.models import time_zones  # noqa: PLC0415 - most requests need no other zone than UTC

    moment = time_zones.last(wall, in_zone) if of_day == _LAST_SECOND else time_zones.first(wall, in_zone)
    return moment.astimezone(in_zone)


def _in_accepted_years(moment: datetime) -> datetime:
    if moment.astimezone(UTC).year not in YEARS:
        raise ValueError(_WRONG_YEAR)
    return moment
