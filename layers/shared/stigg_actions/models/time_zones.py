"""Time zones and the edges of their days.

Imported only for zones other than UTC. The data is the package tzdata in the layer, never the machine's own, so that
results are the same everywhere.
"""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


@cache
def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone with this name.

    Raises:
        ValueError: there is no such time zone.
    """
    if name not in _names():
        raise ValueError(f"is not a time zone of the IANA database; {_remedy(name)}")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def first(wall: datetime, in_zone: tzinfo) -> datetime:
    """Return the first moment, in UTC, at which clocks in a zone show this time or a later one."""
    early, late = _both(wall, in_zone)
    return early if early <= late else _jump(late, early, in_zone)


def last(wall: datetime, in_zone: tzinfo) -> datetime:
    """Return the last moment, in UTC and to the second, at which clocks in a zone show this time or an earlier one."""
    early, late = _both(wall, in_zone)
    return late if early <= late else _jump(late, early, in_zone) - timedelta(seconds=1)


def _both(wall: datetime, in_zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the moments of a time by the offsets before and after a nearby change of clocks (PEP 495).

    They are equal if the time exists once. If it exists twice, the earlier moment comes first. If clocks jump over it,
    the moments lie around the jump, and the later one comes first.
    """
    before, after = (wall.replace(tzinfo=in_zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return before, after


def _jump(before: datetime, after: datetime, in_zone: tzinfo) -> datetime:
    """Return the moment between two others at which the clocks jump."""
    start, offset_after = before.replace(microsecond=0), after.astimezone(in_zone).utcoffset()

    def jumped(seconds: int) -> bool:
        return (start + timedelta(seconds=seconds)).astimezone(in_zone).utcoffset() == offset_after

    seconds = range(int((after - start).total_seconds()) + 1)
    return start + timedelta(seconds=bisect_left(seconds, True, key=jumped))  # noqa: FBT003 - the value looked for


def _names() -> frozenset[str]:
    return frozenset(resources.files("tzdata").joinpath("zones").read_text().split())


def _remedy(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only errors need it

    close = get_close_matches(name, _names(), n=1)
    return f"did you mean {close[0]}?" if close else "give a name such as America/New_York"
