"""Dates that lie ahead whenever the tests run."""

from datetime import UTC, date, datetime, timedelta
from functools import cache


@cache
def today() -> date:
    """Return the day of UTC on which the test began: midnight may come between two calls."""
    return datetime.now(UTC).date()


def in_days(days: int) -> str:
    """Return the date so many days after the day on which the test began."""
    return (today() + timedelta(days=days)).isoformat()
