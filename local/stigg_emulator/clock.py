"""The emulator's clock: real time plus a settable offset, so that weeks can pass in a test.

Dates travel as ISO 8601 text in UTC with milliseconds and `Z`.
"""

import calendar
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})")


def is_moment(text: str) -> bool:
    """Tell whether the text is a date-time with an offset, of a day that exists."""
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def read(text: str) -> datetime:
    """Read a date-time from its text."""
    return datetime.fromisoformat(text).astimezone(UTC)


def read_optional(text: str | None) -> datetime | None:
    """Read a date-time that may be absent."""
    return None if text is None else read(text)


def write(moment: datetime) -> str:
    """Write a date-time as Stigg does: `2030-01-31T00:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_optional(moment: datetime | None) -> str | None:
    """Write a date-time that may be absent."""
    return None if moment is None else write(moment)


def add_months(moment: datetime, months: int) -> datetime:
    """Move by whole months, keeping the day where the month has it (31 January + 1 = 28 February)."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)


@dataclass
class Clock:
    """Real time plus an offset. It keeps running after it was set."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Tell the emulator's time."""
        return datetime.now(UTC) + self.offset

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.offset += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Make it that time now."""
        self.offset = moment - datetime.now(UTC)
