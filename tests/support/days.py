"""Dates that lie ahead whenever the tests run."""

from datetime import UTC, datetime, timedelta


def in_days(days: int) -> str:
    """Return the date so many days from now, of UTC. Where two must agree, call it once: midnight may come between."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%d")
