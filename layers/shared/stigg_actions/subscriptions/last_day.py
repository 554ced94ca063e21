"""The last day of a subscription, as a Date field of Salesforce takes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stigg_actions.settings import UTC_NAME


def last_day(end: str | None, time_zone: str) -> str | None:
    """Return the day of a time zone on which a subscription still runs last, such as 2026-12-31; None without an end.

    An end at midnight belongs to the day before.
    """
    if end is None:
        return None
    moment = datetime.fromisoformat(end) - timedelta(seconds=1)
    if time_zone == UTC_NAME:
        return moment.astimezone(UTC).date().isoformat()
    from stigg_actions.models.time_zones import zone  # noqa: PLC0415 - few stacks need its data

    return moment.astimezone(zone(time_zone)).date().isoformat()
